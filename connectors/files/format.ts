import { extname } from 'node:path'
import { ConnectorError, OneOf, type Static, Type } from '../../runner/connector/index.ts'

/** The fields by which both operations say what the lines of a file look like. */
export const formatFields = {
  path: Type.String({
    title: 'Path',
    minLength: 1,
    description: "The file, relative to the connection's folder, with `/` between folders.",
    examples: ['accounts.csv', 'out/orders.jsonl'],
  }),
  format: Type.Optional(
    OneOf(['csv', 'jsonl'], {
      title: 'Format',
      description:
        '`csv` (RFC 4180) or `jsonl` (JSON Lines: one JSON object a line), both UTF-8. By default by ending: `.csv`, `.tsv`; `.jsonl`, `.ndjson`.',
      markdownEnumDescriptions: ['Comma-separated values, RFC 4180.', 'JSON Lines: one JSON object a line.'],
    }),
  ),
  delimiter: Type.Optional(
    Type.String({
      title: 'Delimiter',
      minLength: 1,
      maxLength: 1,
      description: 'CSV: the character between cells. Default `,`, or a tab where the file ends in `.tsv`.',
      examples: [';', '\t'],
    }),
  ),
  header: Type.Optional(
    Type.Boolean({
      title: 'Header line',
      default: true,
      description: 'CSV: whether the first line names the columns. Without one, `columns` names them.',
    }),
  ),
}

const formatInput = Type.Object({ ...formatFields, columns: Type.Optional(Type.Array(Type.String())) })

export interface CsvFormat {
  kind: 'csv'
  delimiter: string
  header: boolean
  /** As the author wrote them. */
  columns?: string[]
}

export type Format = CsvFormat | { kind: 'jsonl' }

const kindByEnding: Record<string, Format['kind']> = { '.csv': 'csv', '.tsv': 'csv', '.jsonl': 'jsonl', '.ndjson': 'jsonl' }

/** @throws ConnectorError `format_unknown`, `columns_missing` */
export function formatOf(input: Static<typeof formatInput>): Format {
  const ending = extname(input.path).toLowerCase()
  const kind = input.format ?? kindByEnding[ending]
  if (kind === undefined) {
    throw new ConnectorError(
      'rejected',
      'format_unknown',
      `"${input.path}" has no ending that tells its format. Set \`format: csv\` or \`format: jsonl\`.`,
    )
  }
  if (kind === 'jsonl') return { kind }
  const header = input.header ?? true
  if (!header && !input.columns) {
    throw new ConnectorError(
      'rejected',
      'columns_missing',
      `"${input.path}" has no header line, so its columns have no names. List them in \`columns\`.`,
    )
  }
  return {
    kind,
    header,
    delimiter: input.delimiter ?? (ending === '.tsv' ? '\t' : ','),
    ...(input.columns && { columns: input.columns }),
  }
}
