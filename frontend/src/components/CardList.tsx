import type { ReactNode } from 'react';
import classes from './CardList.module.css';

/** Cards side by side where there is room; a list for those who hear it. */
export function CardList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.cards} aria-label={label}>
      {children}
    </ul>
  );
}
