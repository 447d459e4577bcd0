import { meet } from './meet.ts'

meet('entra', 'person')
