/**
 * Evaluations a second of compiled expressions, beside the same read or computation in plain JavaScript: `node test/bench/expression.ts`.
 */
import { compileExpression, compileTemplate } from '../../runner/expression/index.ts'

const scope = { trigger: {}, job: {} }
const row = { name: 'Petrel', statecode: 1, amount: 12.5, account: { id: 'a', name: 'Contoso' }, lines: [{ n: 1 }, { n: 2 }, { n: 3 }] }
const data = { trigger: row, job: { started_at: '2031-05-01T08:00:00Z' } }
const rounds = 5
const runMs = 200

/** Keeps the work from being optimized away. */
let sink: unknown

/** Median over the rounds, in calls a second. */
function perSecond(work: () => unknown): number {
  const rates = Array.from({ length: rounds }, () => {
    const started = performance.now()
    let calls = 0
    while (performance.now() - started < runMs) {
      for (let i = 0; i < 100; i += 1) sink = work()
      calls += 100
    }
    return (calls * 1_000) / (performance.now() - started)
  })
  return rates.sort((a, b) => a - b)[Math.floor(rounds / 2)]!
}

function report(name: string, ours: () => unknown, plain: () => unknown): void {
  const [expression, javascript] = [perSecond(ours), perSecond(plain)]
  const thousands = (rate: number) => `${Math.round(rate / 1e3).toLocaleString('en')} k/s`.padStart(14)
  console.log(`${name.padEnd(50)}${thousands(expression)}${thousands(javascript)}${(expression / javascript).toFixed(4).padStart(9)}`)
}

function evaluation(source: string): () => unknown {
  const { expression, problems } = compileExpression(source, { scope })
  if (!expression) throw new Error(problems.map(({ message }) => message).join(' '))
  return () => expression.evaluate(data)
}

const mapping = compileTemplate(
  {
    name: '${{ trigger.name }}',
    account: '${{ trigger.account.id }}',
    title: 'Deal ${{ trigger.name }}',
    amount: '${{ trigger.amount * 2 }}',
    fixed: 1,
  },
  { scope },
).template

console.log(`${'expression'.padEnd(50)}${'CEL'.padStart(14)}${'JavaScript'.padStart(14)}${'ratio'.padStart(9)}`)
report('trigger.account.name', evaluation('trigger.account.name'), () => data.trigger.account.name)
report('trigger.statecode == 1', evaluation('trigger.statecode == 1'), () => data.trigger.statecode === 1)
report(
  'trigger.amount * 2 > 20 && trigger.name != null',
  evaluation('trigger.amount * 2 > 20 && trigger.name != null'),
  () => row.amount * 2 > 20 && row.name !== null,
)
report('trigger.lines.map(x, x.n)', evaluation('trigger.lines.map(x, x.n)'), () => row.lines.map((line) => line.n))
report('trigger.name.matches("^P") (guarded)', evaluation('trigger.name.matches("^P")'), () => /^P/.test(row.name))
report(
  'mapping of 5 fields',
  () => mapping.render(data),
  () => ({ name: row.name, account: row.account.id, title: `Deal ${row.name}`, amount: row.amount * 2, fixed: 1 }),
)
if (sink === undefined) throw new Error('nothing ran')
