/** What `runner explain <code>` prints: what it means, and what to do. */
export interface CodeText {
  means: string
  todo: string
}

/** Every stable code of the program, in one place. A test holds this table and the codes used in the source equal in both directions. */
export const codes = {
  // sign-in and requests (connection/)
  reconnect_needed: {
    means: 'The token endpoint refused the refresh token, so the connection needs a person to sign in again.',
    todo: 'Run `runner connect <recipe>`. Jobs that failed with this code are completed with `runner jobs rerun --failed --code reconnect_needed`.',
  },

  // dynamics365

  // files

  // engine
  bug: {
    means: 'Something was thrown that no part of the runner expects. The stack is kept with the run or the job.',
    todo: 'Look at `runner jobs show <id>` and report the stack.',
  },

  // store

  // problems of a recipe (recipe/, expression/)
} satisfies Record<string, CodeText>

export type Code = keyof typeof codes
