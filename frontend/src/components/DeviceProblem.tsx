import { useTranslation } from 'react-i18next';
import { isProblemCode } from '@/api/problems';

interface DeviceProblemProps {
  code: string;
  /** The slave's own words, in English. */
  detail?: string;
}

/** Why a device could not be read: our sentence where we have one, then the slave's words. */
export function DeviceProblem({ code, detail }: DeviceProblemProps) {
  const { t } = useTranslation(['common', 'problems']);
  const sentence = isProblemCode(code) ? t(`problems:code.${code}.title`) : t('common:device_failed');
  return <>{detail === undefined ? sentence : `${sentence}: ${detail}`}</>;
}
