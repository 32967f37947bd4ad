import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isProblemCode } from '@/api/problems';

/** Why it failed for one id: our sentence where we have one, then the host's own words. */
export function ProblemText({ problem }: { problem: { code: string; detail: string } | null }) {
  const { t } = useTranslation('problems');
  if (problem === null) return null;
  const { code, detail } = problem;
  // That the input is invalid says nothing beside what is wrong with it.
  const title = isProblemCode(code) && code !== 'invalid_input' ? t(`code.${code}.title`) : '';
  const parts = [title, detail];
  return <Text size="xs">{parts.filter((part) => part !== '').join(': ')}</Text>;
}
