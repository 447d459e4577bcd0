import { meet } from './meet.ts'

meet('adfs', 'organization')
