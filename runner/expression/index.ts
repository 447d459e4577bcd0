export { absent, type Expression, ExpressionError, type Scope, type Template } from './types.ts'
