import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { type Field, type LimitTexts, problemsOf } from '@/lib/limits';

/** What is wrong with a form of limits, by field, in the reader's language. */
export function useFieldErrors() {
  const { t } = useTranslation('limits');
  return {
    /** What can be seen before anything is sent. */
    ofTexts: (texts: LimitTexts, fields: Field[]): Record<string, string> =>
      Object.fromEntries(
        Object.entries(problemsOf(texts, fields)).map(([name, problem]) => [name, t(`error.${problem}`)]),
      ),
    /** What the master or the host found; a member of a member (`limits.block_hard_limit`) goes by its own name. */
    ofAnswer: (error: unknown): Record<string, string> =>
      Object.fromEntries(
        asProblem(error).faults.map(({ field, expected }) => [
          field.split('.').at(-1) ?? field,
          t('error.expected', { expected }),
        ]),
      ),
  };
}
