export type ProblemCode =
  | 'expression_arguments'
  | 'expression_in_key'
  | 'expression_maybe_absent'
  | 'expression_nesting'
  | 'expression_not_boolean'
  | 'expression_not_list'
  | 'expression_row_name'
  | 'expression_syntax'
  | 'expression_type'
  | 'expression_unknown_field'
  | 'expression_unknown_function'
  | 'expression_unknown_name'
  | 'expression_unknown_value'
  | 'expression_unterminated'
  | 'filter_joined_expression'
  | 'filter_quoted_expression'
  | 'filter_whole_expression'
  | 'whole_division'

/** A mistake that was found before anything ran. */
export interface ExpressionProblem {
  code: ProblemCode
  /** One or two sentences: what was found, and what would be right. */
  message: string
  /** Where in the tree of values; empty for a field that is one expression. */
  path: (string | number)[]
  /** Offsets into the text at `path`, the end exclusive; left out when the whole value is meant. */
  start?: number
  end?: number
  /** A text that would be right in place of the marked one. */
  hint?: string
}
