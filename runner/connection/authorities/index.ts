import type { OAuthSettings } from '../../connector/index.ts'
import { adfs } from './adfs.ts'
import type { Authority } from './authority.ts'
import { entra } from './entra.ts'

export const authorities: Record<OAuthSettings['authority'], Authority> = { entra, adfs }
