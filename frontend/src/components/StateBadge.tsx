import type { Icon } from '@tabler/icons-react';
import classes from './StateBadge.module.css';

export type Tone = 'good' | 'near' | 'over' | 'bad' | 'quiet';

interface StateBadgeProps {
  tone: Tone;
  icon: Icon;
  word: string;
}

/** A state in colour, icon and word, so that none of the three stands alone. */
export function StateBadge({ tone, icon: Symbol, word }: StateBadgeProps) {
  return (
    <span className={`${classes.badge} ${classes[tone] ?? ''}`}>
      <Symbol size={14} stroke={2} aria-hidden />
      {word}
    </span>
  );
}
