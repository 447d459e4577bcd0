import { meet } from './meet.ts'

meet('adfs', 'client')
