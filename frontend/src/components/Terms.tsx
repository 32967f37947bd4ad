import type { ReactNode } from 'react';
import classes from './Terms.module.css';

interface TermsProps {
  items: { name: string; value: ReactNode }[];
}

/** Names and their values, one below the other. */
export function Terms({ items }: TermsProps) {
  return (
    <dl className={classes.terms}>
      {items.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
