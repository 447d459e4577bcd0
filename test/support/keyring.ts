import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp.ts'

export interface StandInKeyring {
  /** PATH with the stand-in first. */
  env: Record<string, string>
  /** The file that keeps the secret; beside it, `.locked` makes a look-up find nothing, `.broken` makes every call fail. */
  secret: string
  /** The arguments of every call, a line each. */
  calls: string
}

/**
 * A stand-in for the program that reads and writes the keyring of a system, by its documented arguments, streams and exit statuses:
 * `secret-tool` (GNOME libsecret) or `security` (macOS).
 */
export function standInKeyring(platform: 'linux' | 'darwin'): StandInKeyring {
  const folder = tempFolder()
  const [secret, calls] = [join(folder, 'secret'), join(folder, 'calls')]
  writeFileSync(calls, '')
  const name = platform === 'linux' ? 'secret-tool' : 'security'
  const head = `#!/bin/sh
printf '%s\\n' "$*" >> '${calls}'
if [ -e '${secret}.broken' ]; then echo '${name}: no session here' >&2; exit 1; fi
`
  writeFileSync(join(folder, name), head + (platform === 'linux' ? secretTool(secret) : security(secret)), { mode: 0o755 })
  return { env: { PATH: `${folder}:${process.env.PATH}` }, secret, calls }
}

/** A look-up writes the secret as it is, or nothing at all with status 1; a store reads it from standard input to its end. */
const secretTool = (secret: string) => `
attributes='application runner purpose store-key'
case "$1" in
  lookup)
    shift
    [ "$*" = "$attributes" ] || exit 1
    [ -e '${secret}' ] && ! [ -e '${secret}.locked' ] || exit 1
    cat '${secret}' ;;
  store)
    case "$2" in --label=*) ;; *) echo 'secret-tool: must specify a label for the new item' >&2; exit 2 ;; esac
    shift 2
    [ "$*" = "$attributes" ] || exit 2
    cat > '${secret}' ;;
  *) echo 'usage: secret-tool store' >&2; exit 2 ;;
esac
`

/** \`-w\` writes the password and an end of line; 44 says that there is none. \`-i\` reads commands from standard input, with quotes as in a shell. */
const security = (secret: string) => `
if [ "$1" = -i ]; then
  read -r line || exit 1
  eval "set -- $line"
fi
case "$1" in
  find-generic-password)
    [ "$2 $3 $4 $5 $6" = '-s runner -a store-key -w' ] || exit 2
    if ! [ -e '${secret}' ] || [ -e '${secret}.locked' ]; then
      echo 'security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.' >&2
      exit 44
    fi
    cat '${secret}'; echo ;;
  add-generic-password)
    [ "$2 $3 $4 $5 $6 $7" = '-U -s runner -a store-key -w' ] || exit 2
    printf '%s' "$8" > '${secret}' ;;
  *) exit 2 ;;
esac
`
