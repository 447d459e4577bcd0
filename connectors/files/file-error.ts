import { ConnectorError } from '../../runner/connector/index.ts'

export function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === code
}

/** What the operating system refused, said in our terms; everything else is handed back as it came. */
export function fileError(thrown: unknown, path: string): unknown {
  if (thrown instanceof ConnectorError || !(thrown instanceof Error)) return thrown
  const { code } = thrown as NodeJS.ErrnoException
  const facts = { details: { path, systemCode: code }, cause: thrown }
  switch (code) {
    case 'ENOENT':
      return new ConnectorError(
        'rejected',
        'file_not_found',
        `There is no file "${path}". Check the path and the connection's \`folder\`.`,
        facts,
      )
    case 'EISDIR':
      return notAFile(path)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return new ConnectorError(
        'rejected',
        'file_not_usable',
        `The system does not let us use "${path}" (${code}). Check that it is a file and that the runner's user may read and write it.`,
        facts,
      )
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EIO':
    case 'EBUSY':
    case 'EMFILE':
    case 'ENFILE':
      return new ConnectorError(
        'transient',
        'file_system_failed',
        `The file system failed at "${path}" (${code}). Check free space, open files and the disk; it is tried again.`,
        facts,
      )
    default:
      return thrown
  }
}

export function notAFile(path: string): ConnectorError {
  return new ConnectorError('rejected', 'file_not_usable', `"${path}" is a folder or a device. Name a file.`, { details: { path } })
}
