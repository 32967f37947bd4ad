import { isAxiosError } from 'axios';
import * as z from 'zod/mini';

/** Every failure that the dashboard has a sentence for (i18n problems.code): the master's codes, and two of our own. */
const PROBLEM_CODES = [
  'network',
  'unreadable',
  'invalid_input',
  'not_found',
  'device_not_found',
  'user_not_found',
  'host_not_found',
  'person_not_found',
  'mapping_not_found',
  'change_not_found',
  'change_set_not_found',
  'token_not_found',
  'not_supported',
  'stale_update',
  'mapping_exists',
  'host_exists',
  'host_in_settings',
  'host_not_enrolled',
  'host_suspended',
  'keys_changed',
  'keys_not_writable',
  'seal_broken',
  'secrets_key_lost',
  'not_undoable',
  'change_set_state',
  'too_many_tokens',
  'unauthenticated',
  'forbidden',
  'csrf',
  'too_many_requests',
  'internal',
  'host_refused',
  'host_error',
  'host_timeout',
  'backend_unavailable',
  'backend_forbidden',
  'device_unavailable',
  'device_timeout',
  'overloaded',
  'no_space',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

const wire = z.object({
  code: z.string(),
  detail: z.string(),
  request_id: z.string(),
  errors: z._default(z.array(z.object({ field: z.string(), found: z.string(), expected: z.string() })), []),
});
type FieldFault = z.output<typeof wire>['errors'][number];

export interface Problem {
  code: ProblemCode;
  /** The master's own sentence: names what it is about, in English. */
  detail: string | null;
  requestId: string | null;
  faults: FieldFault[];
}

/** For a code that a newer master has, or an answer that is no problem document (a proxy's page). */
const CODE_BY_STATUS: Partial<Record<number, ProblemCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'not_supported',
  429: 'too_many_requests',
  502: 'host_error',
  503: 'overloaded',
  504: 'host_timeout',
  507: 'no_space',
};

const code = z.enum(PROBLEM_CODES);

export function isProblemCode(text: string): text is ProblemCode {
  return code.safeParse(text).success;
}

const bare = (of: ProblemCode): Problem => ({ code: of, detail: null, requestId: null, faults: [] });

/** Which member of an answer was not as the OpenAPI document says. */
function mismatchOf(error: unknown): string | null {
  const issue = error instanceof z.core.$ZodError ? error.issues[0] : undefined;
  return issue === undefined ? null : `${issue.path.join('.')}: ${issue.message}`;
}

/** Any thrown thing as a problem that can be shown. */
export function asProblem(error: unknown): Problem {
  if (!isAxiosError(error)) return { ...bare('unreadable'), detail: mismatchOf(error) };
  const { response } = error;
  if (response === undefined) return bare('network');
  const fallback = CODE_BY_STATUS[response.status] ?? (response.status >= 500 ? 'internal' : 'invalid_input');
  const body = wire.safeParse(response.data);
  if (!body.success) return bare(fallback);
  const known = code.safeParse(body.data.code);
  return {
    code: known.success ? known.data : fallback,
    detail: body.data.detail,
    requestId: body.data.request_id,
    faults: body.data.errors,
  };
}

export function isUnauthenticated(error: unknown): boolean {
  return isAxiosError(error) && error.response?.status === 401;
}

const TEMPORARY = new Set<ProblemCode>(['network', 'overloaded', 'backend_unavailable', 'host_timeout']);

/** Worth asking again by itself: the network or the service, never what the caller did. */
export function isTemporary(error: unknown): boolean {
  return TEMPORARY.has(asProblem(error).code);
}
