import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type CompletionItem,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidOpenTextDocumentNotification,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node'

const root = join(import.meta.dirname, '../..')
const schemas = ['recipe', 'connection', 'runner'].map((kind) => [
  pathToFileURL(join(root, `schemas/${kind}.schema.json`)).href,
  `*.${kind}.yaml`,
])

const settings = {
  validate: true,
  hover: true,
  completion: true,
  schemaStore: { enable: false, url: '' },
  schemas: Object.fromEntries(schemas),
}

/** The real language server of the YAML extensions, with our schemas mapped as `runner init` maps them. */
export interface LanguageServer {
  /**
   * What the server offers at the place marked `|` in a recipe, by label.
   * @param kind which schema
   */
  complete(marked: string, kind?: Kind): Promise<Map<string, CompletionItem>>
  /** Markdown shown at the place marked `|`. */
  hover(marked: string, kind?: Kind): Promise<string>
  diagnose(text: string, kind?: Kind): Promise<Diagnostic[]>
  stop(): Promise<void>
}

type Kind = 'recipe' | 'connection' | 'runner'

export async function startLanguageServer(): Promise<LanguageServer> {
  const child = spawn(process.execPath, [join(root, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
  const diagnostics = new Map<string, (found: Diagnostic[]) => void>()
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics: found }) => diagnostics.get(uri)?.(found))
  connection.listen()
  await initialize(connection)

  let files = 0
  const opened = async (text: string, kind: Kind) => {
    const uri = `file:///${files++}.${kind}.yaml`
    const found = new Promise<Diagnostic[]>((resolve) => diagnostics.set(uri, resolve))
    await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: 'yaml', version: 1, text } })
    return { uri, found }
  }
  const at = async (marked: string, kind: Kind) => {
    const { text, position } = unmark(marked)
    const { uri } = await opened(text, kind)
    return { textDocument: { uri }, position }
  }
  // Diagnostics come only when settings and schema have been read; a completion does not wait for them.
  for (const kind of ['recipe', 'connection'] as const) await (await opened('x-warm: up', kind)).found
  return {
    async complete(marked, kind = 'recipe') {
      const answer = await connection.sendRequest(CompletionRequest.type, await at(marked, kind))
      const items = Array.isArray(answer) ? answer : (answer?.items ?? [])
      return new Map(items.map((item) => [item.label, item]))
    },
    async hover(marked, kind = 'recipe') {
      return hoverText(await connection.sendRequest(HoverRequest.type, await at(marked, kind)))
    },
    async diagnose(text, kind = 'recipe') {
      return (await opened(text, kind)).found
    },
    async stop() {
      connection.dispose()
      await ended(child)
    },
  }
}

async function initialize(connection: ProtocolConnection): Promise<void> {
  // The server takes no settings from a notification: it asks for them, section by section.
  connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(({ section }) => (section === 'yaml' ? settings : {})))
  await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: { configuration: true },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
        hover: { contentFormat: ['markdown'] },
        publishDiagnostics: {},
      },
    },
  })
  await connection.sendNotification(InitializedNotification.type, {})
  await connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null })
}

function unmark(marked: string): { text: string; position: { line: number; character: number } } {
  const before = marked.slice(0, marked.indexOf('|')).split('\n')
  return { text: marked.replace('|', ''), position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } }
}

function hoverText(hover: Hover | null): string {
  return hover && typeof hover.contents === 'object' && 'value' in hover.contents ? hover.contents.value : ''
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
