import { meet } from './meet.ts'

meet('entra', 'client')
