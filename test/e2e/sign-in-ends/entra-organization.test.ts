import { meet } from './meet.ts'

meet('entra', 'organization')
