export interface Entry {
  error: string
  /** Default 400 (facts sheet "Payload"). */
  status?: number
  suberror?: string
  /** `{name}` is replaced by the fact of that name. */
  text: string
  claims?: string
  /** The look-up page does not know the code, so the answer names no `error_uri`. */
  noUri?: true
}

const blockedPolicy = JSON.stringify({
  access_token: { capolids: { essential: true, values: ['9d000000-0000-4000-8000-00000000f00d'] } },
})
const needsSignIn = 'Send a new interactive authorization request for this user and resource.'

/** Errors of Entra by AADSTS number (facts sheet "AADSTS table"; statuses and suberrors as recorded there). */
export const errors = {
  // the grant is finished
  50132: {
    error: 'invalid_grant',
    text: 'The session is not valid due to the following reasons: password expiration or recent password change.',
  },
  50133: { error: 'invalid_grant', text: 'Session is invalid due to expiration or recent password change.' },
  50173: {
    error: 'invalid_grant',
    suberror: 'bad_token',
    text: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{now}'.",
  },
  54005: {
    error: 'invalid_grant',
    text: 'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  },
  70000: { error: 'invalid_grant', text: 'Provided grant is invalid or malformed.' },
  70008: { error: 'invalid_grant', text: `The provided authorization code or refresh token has expired due to inactivity. ${needsSignIn}` },
  70043: {
    error: 'invalid_grant',
    suberror: 'token_expired',
    noUri: true,
    text: 'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on {issued} and the maximum allowed lifetime for this request is 32400.',
  },
  700005: {
    error: 'invalid_grant',
    text: 'The provided authorization code or refresh token was issued for another tenant or another client.',
  },
  700082: {
    error: 'invalid_grant',
    text: 'The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for {inactive}.',
  },
  700084: {
    error: 'invalid_grant',
    text: 'The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. The token was issued on {issued}.',
  },
  501481: { error: 'invalid_grant', text: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.' },

  // a person must act
  50055: { error: 'user_password_expired', suberror: 'user_password_expired', text: 'The password is expired.' },
  50058: { error: 'login_required', text: 'A silent sign-in request was sent but no user is signed in.' },
  50074: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: 'Strong authentication is required and the user did not pass the MFA challenge.',
  },
  50076: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000007-0000-0000-c000-000000000000'.",
  },
  50078: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: 'Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication.',
  },
  50079: {
    error: 'invalid_grant',
    suberror: 'additional_action',
    text: 'Due to a configuration change made by your administrator, the user is required to enroll in multi-factor authentication.',
  },
  53000: {
    error: 'invalid_grant',
    suberror: 'message_only',
    text: 'Device is not in required device state: unknown. Conditional Access policy requires a compliant device, and the device is not compliant.',
  },
  53003: {
    error: 'invalid_grant',
    suberror: 'message_only',
    claims: blockedPolicy,
    text: 'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  },
  65001: {
    error: 'invalid_grant',
    suberror: 'consent_required',
    text: "The user or administrator has not consented to use the application with ID '{client}'. Send an interactive authorization request for this user and resource.",
  },
  65004: { error: 'access_denied', text: 'User declined to consent to access the app.' },

  // the registration or the request is wrong
  50011: {
    error: 'invalid_request',
    text: "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{client}'.",
  },
  50194: {
    error: 'invalid_request',
    text: "Application '{client}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps. Use a tenant-specific endpoint.",
  },
  70002: { error: 'invalid_client', status: 401, text: 'Error validating credentials.' },
  70003: { error: 'unsupported_grant_type', text: "The app requested an unsupported grant type '{grant}'." },
  70011: {
    error: 'invalid_scope',
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
  },
  90002: {
    error: 'invalid_request',
    text: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  },
  90023: { error: 'invalid_request', text: "The value '{value}' of the parameter '{parameter}' is not supported." },
  500011: {
    error: 'invalid_resource',
    text: 'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  },
  500112: {
    error: 'invalid_grant',
    text: "The reply address '{redirect}' does not match the reply address provided when requesting Authorization code.",
  },
  501491: { error: 'invalid_request', text: 'Invalid size of Code_Challenge parameter.' },
  700016: {
    error: 'unauthorized_client',
    text: "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  700022: {
    error: 'invalid_scope',
    text: "The provided value for the input parameter 'scope' is not valid because it contains more than one resource. Scope {scope} is not valid.",
  },
  700025: { error: 'invalid_client', text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented." },
  900144: { error: 'invalid_request', text: "The request body must contain the following parameter: '{parameter}'." },
  901002: { error: 'invalid_request', text: "The 'resource' request parameter is not supported." },
  7000215: {
    error: 'invalid_client',
    status: 401,
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.",
  },
  7000218: {
    error: 'invalid_client',
    status: 401,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000222: { error: 'invalid_client', status: 401, text: "The provided client secret keys for app '{client}' are expired." },
  9002313: { error: 'invalid_request', text: 'Invalid request. Request is malformed or invalid.' },
  9002326: {
    error: 'invalid_request',
    text: "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'.",
  },

  // the service itself
  50196: {
    error: 'invalid_grant',
    text: 'The server terminated an operation because it encountered a client request loop. Please contact your app vendor.',
  },
  90033: { error: 'temporarily_unavailable', status: 503, text: 'A transient error has occurred. Please try again.' },
  90055: { error: 'temporarily_unavailable', status: 503, text: 'The tenant is throttled because it sends too many requests.' },
  // device code
  70016: { error: 'authorization_pending', text: 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.' },
  70018: { error: 'bad_verification_code', text: 'Invalid verification code due to user typing in wrong user code for device code flow.' },
  70019: { error: 'expired_token', text: 'Verification code expired. Have the user retry the sign-in.' },

  // further rows, with the texts in short
  16000: {
    error: 'interaction_required',
    text: 'Either multiple user identities are available for the current request or selected account is not supported for the scenario.',
  },
  28002: { error: 'invalid_scope', text: 'The provided value for scope is not valid when requesting an access token.' },
  28003: {
    error: 'invalid_scope',
    text: 'The provided value for the input parameter scope cannot be empty when requesting an access token.',
  },
  40008: { error: 'server_error', text: 'There was an unexpected, non-retryable error from the identity provider.' },
  40010: { error: 'temporarily_unavailable', text: 'There was a retryable error from the identity provider.' },
  50000: { error: 'server_error', text: 'There was an issue while issuing a token or with the sign-in service.' },
  50001: { error: 'invalid_resource', text: 'The resource is disabled or does not exist.' },
  50002: { error: 'invalid_grant', text: 'Sign-in failed because of restricted proxy access on this tenant.' },
  50005: { error: 'invalid_grant', text: 'The user tried to sign in from a platform that conditional access does not support.' },
  50012: { error: 'invalid_client', status: 401, text: 'Authentication failed: the assertion is not authorized for this application.' },
  50014: { error: 'invalid_grant', text: 'The guest has no pass-through user in this tenant.' },
  50020: { error: 'invalid_grant', text: 'The user is not in this tenant.' },
  50027: { error: 'invalid_client', status: 401, text: 'The JWT token is invalid: {reason}.' },
  50033: { error: 'temporarily_unavailable', text: 'A transient error has occurred.' },
  50034: { error: 'invalid_grant', suberror: 'bad_token', text: "The user account {user} does not exist in the directory '{tenant}'." },
  50048: { error: 'invalid_client', status: 401, text: 'The subject does not match the issuer claim in the client assertion.' },
  50049: { error: 'invalid_request', text: 'Unknown or invalid instance.' },
  50053: {
    error: 'invalid_grant',
    text: 'The account is locked, because the user tried to sign in too many times, or the address is blocked.',
  },
  50056: { error: 'invalid_grant', text: 'Invalid or null password: the password does not exist in the directory for this user.' },
  50057: { error: 'invalid_grant', text: 'The user account is disabled.' },
  50072: { error: 'invalid_grant', suberror: 'additional_action', text: 'The user is required to enroll in multi-factor authentication.' },
  50085: { error: 'invalid_grant', text: 'The refresh token needs a sign-in at the social identity provider.' },
  50086: { error: 'server_error', text: 'A non-retryable error has occurred.' },
  50087: { error: 'temporarily_unavailable', text: 'A transient error has occurred during strong authentication. Please try again.' },
  50088: { error: 'temporarily_unavailable', text: 'The limit on telecom authentication calls is reached.' },
  50089: { error: 'invalid_grant', text: 'Authentication failed because the flow token expired.' },
  50097: { error: 'invalid_grant', text: 'Device authentication is required.' },
  50105: { error: 'invalid_grant', text: 'The signed-in user is not assigned to a role for the application.' },
  50125: { error: 'invalid_grant', text: 'The sign-in was interrupted because of a password reset or password registration entry.' },
  50126: { error: 'invalid_grant', text: 'Error validating credentials due to invalid username or password.' },
  50129: { error: 'invalid_grant', text: 'The device is not workplace joined. Workplace join is required to register the device.' },
  50131: { error: 'invalid_grant', text: 'The device is not in the required state, or access was blocked because of suspicious activity.' },
  50135: { error: 'invalid_grant', text: 'A password change is required because of account risk.' },
  50140: { error: 'interaction_required', text: 'The sign-in was interrupted by the prompt to stay signed in.' },
  50144: { error: 'invalid_grant', text: "The user's Active Directory password has expired." },
  50147: { error: 'invalid_grant', text: 'Invalid size of code challenge parameter.' },
  50158: { error: 'invalid_grant', text: 'An external security challenge was not satisfied.' },
  50161: { error: 'invalid_grant', text: 'The claims sent by the external provider are not sufficient.' },
  50199: { error: 'interaction_required', text: 'For security reasons, the user must confirm this request.' },
  51004: { error: 'invalid_grant', text: 'The user account does not exist in the directory.' },
  53001: { error: 'invalid_grant', suberror: 'message_only', text: 'The device is not domain joined, which conditional access requires.' },
  53002: { error: 'invalid_grant', suberror: 'message_only', text: 'The app is not an approved app for conditional access.' },
  53004: { error: 'invalid_grant', text: 'The user needs to complete multi-factor registration before accessing this content.' },
  53011: { error: 'invalid_grant', text: 'The user is blocked because of risk in the home tenant.' },
  65005: { error: 'invalid_resource', text: "The app's required resource access list has no entry for this resource." },
  70001: { error: 'unauthorized_client', text: 'The application is disabled or was not found in the tenant.' },
  70004: { error: 'invalid_request', text: 'The application passed a redirect that is invalid.' },
  80001: { error: 'temporarily_unavailable', text: 'The authentication agent is unable to connect to Active Directory.' },
  80002: { error: 'temporarily_unavailable', text: 'The password validation request of the authentication agent timed out.' },
  80005: { error: 'temporarily_unavailable', text: 'The authentication agent could not process the response.' },
  80007: { error: 'temporarily_unavailable', text: "The authentication agent could not validate the user's password." },
  80014: { error: 'temporarily_unavailable', text: 'The validation request was answered after the maximum elapsed time.' },
  90006: { error: 'temporarily_unavailable', text: 'The service is temporarily unavailable. Please retry.' },
  90008: {
    error: 'invalid_grant',
    text: 'The user or administrator has not consented to use the application with the basic sign-in permission.',
  },
  90012: { error: 'temporarily_unavailable', text: 'The request has timed out.' },
  90013: { error: 'invalid_request', text: 'Invalid input received from the user.' },
  90014: { error: 'invalid_request', text: 'A required field is missing from the credential.' },
  90024: { error: 'temporarily_unavailable', text: 'A transient error has occurred: the request budget is exceeded.' },
  90036: { error: 'server_error', text: 'An unexpected, non-retryable error has occurred.' },
  90038: { error: 'invalid_request', text: 'The tenant belongs to another national cloud.' },
  90051: { error: 'invalid_request', text: 'The national cloud identifier is invalid.' },
  90056: { error: 'invalid_request', text: 'A form field was sent where it cannot be taken.' },
  90090: { error: 'temporarily_unavailable', text: 'The directory is unavailable. Please retry.' },
  90091: { error: 'temporarily_unavailable', text: 'The directory had an internal error. Please retry.' },
  90092: { error: 'server_error', text: 'A non-retryable error has occurred at the directory.' },
  90094: { error: 'invalid_grant', text: 'Admin consent is required.' },
  90095: { error: 'invalid_grant', text: 'Admin consent is required; the user can ask for it.' },
  90100: { error: 'invalid_request', text: 'A parameter is empty or not valid.' },
  90124: { error: 'invalid_request', text: 'The resource is not supported over the /common or /consumers endpoints.' },
  90130: { error: 'invalid_request', text: 'The application is not supported over the /common or /consumers endpoints.' },
  500021: { error: 'invalid_grant', text: 'Access to this tenant is denied by tenant restrictions.' },
  500022: { error: 'invalid_grant', text: 'Access to this tenant is denied: the tenant restrictions header lacks an identifier.' },
  500212: {
    error: 'invalid_grant',
    text: "The user's administrator has set an outbound access policy that does not allow access to the resource tenant.",
  },
  500213: { error: 'invalid_grant', text: "The resource tenant's cross-tenant access policy does not allow this user." },
  530032: { error: 'invalid_grant', text: "The tenant admin's security policy blocks this request." },
  530034: { error: 'invalid_grant', text: 'A delegated administrator was blocked because of account risk in their home tenant.' },
  530035: { error: 'invalid_grant', text: 'Access has been blocked by security defaults.' },
  650052: { error: 'invalid_resource', text: 'The app needs access to a service that the organization has not subscribed to.' },
  650054: { error: 'invalid_resource', text: 'The application asked for permissions of a resource that was removed.' },
  650056: { error: 'invalid_resource', text: 'Misconfigured application: the client lists no permission for the resource.' },
  650057: { error: 'invalid_resource', text: 'Invalid resource: it is not listed in the requested permissions of the application.' },
  700011: { error: 'unauthorized_client', text: 'The application was not found in the directory.' },
  700020: { error: 'invalid_grant', text: 'The provided access grant requires interaction.' },
  700023: { error: 'invalid_scope', text: 'The client requested no scope.' },
  700027: {
    error: 'invalid_client',
    status: 401,
    text: 'The certificate used to sign the client assertion is not registered on the application, or its signature is not valid.',
  },
  700030: { error: 'invalid_client', status: 401, text: 'The subject name of the certificate is not authorized.' },
  700229: { error: 'invalid_client', text: 'Only app-only tokens can be used as federated identity credentials.' },
  900382: { error: 'invalid_client', text: 'Confidential clients are not supported in cross-cloud requests.' },
  900384: { error: 'invalid_client', status: 401, text: 'The signature of the JWT token failed validation.' },
  900432: { error: 'invalid_client', text: 'Confidential clients are not supported in cross-cloud requests.' },
  900561: { error: 'invalid_request', text: 'The endpoint only accepts POST requests.' },
  900971: { error: 'invalid_request', text: 'No reply address was provided.' },
  1000031: { error: 'unauthorized_client', text: 'The application cannot be accessed at this time. Contact your administrator.' },
  7000112: { error: 'unauthorized_client', text: 'The application is disabled.' },
  9001023: { error: 'invalid_request', text: 'The grant type is not supported over the /common or /consumers endpoints.' },
  9002327: {
    error: 'invalid_request',
    text: "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
  },
} satisfies Record<number, Entry>
