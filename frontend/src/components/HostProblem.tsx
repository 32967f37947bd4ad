import { useTranslation } from 'react-i18next';

const KNOWN = [
  'refused',
  'timeout',
  'unauthorized',
  'garbage',
  'too_large',
  'redirected',
  'tls',
  'http_error',
] as const;
type Known = (typeof KNOWN)[number];

const isKnown = (code: string): code is Known => (KNOWN as readonly string[]).includes(code);

/** Why a host's figures are old, in the reader's language; the slave's own words are on hover. */
export function HostProblem({ problem }: { problem: { code: string; detail: string } }) {
  const { t } = useTranslation('problems');
  const { code, detail } = problem;
  return <span title={detail}>{isKnown(code) ? t(`host.${code}`) : t('host.other', { detail })}</span>;
}
