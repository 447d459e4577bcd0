import { filled, type SecretSource } from './source.ts'

/** Environment variables of the secret's name. */
export function envSource(env: Record<string, string | undefined>): SecretSource {
  return { find: async (name) => filled(env[name], `the environment variable ${name}`, 'not set') }
}
