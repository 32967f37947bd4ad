import { useState } from 'react';

/** Ids picked one by one, on whatever page; or all of the device. */
export type Selection = ReadonlySet<number> | 'all';

const NOBODY: ReadonlySet<number> = new Set();

export interface SelectionControl {
  selection: Selection;
  isSelected: (id: number) => boolean;
  toggle: (id: number) => void;
  /** Adds these, or takes them out if all are in. */
  togglePage: (ids: number[]) => void;
  selectAll: () => void;
  clear: () => void;
}

export function useSelection(): SelectionControl {
  const [selection, setSelection] = useState<Selection>(NOBODY);
  const isSelected = (id: number) => selection === 'all' || selection.has(id);
  const change = (ids: number[], selected: boolean) =>
    setSelection((current) => {
      // Who takes one out of "all" means to pick: nobody else's id is at hand here.
      const next = new Set(current === 'all' ? [] : current);
      for (const id of ids) {
        if (selected) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  return {
    selection,
    isSelected,
    toggle: (id) => change([id], !isSelected(id)),
    togglePage: (ids) => change(ids, !ids.every(isSelected)),
    selectAll: () => setSelection('all'),
    clear: () => setSelection(NOBODY),
  };
}
