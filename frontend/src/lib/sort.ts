/** `-percent` as the API has it: a field, worst first. */
export interface Sort {
  field: string;
  descending: boolean;
}

export function readSort(text: string): Sort {
  return text.startsWith('-')
    ? { field: text.slice(1), descending: true }
    : { field: text, descending: false };
}

/** What a click on this column's head asks for: down first, then up. */
export function nextSort(current: string, field: string): string {
  return current === `-${field}` ? field : `-${field}`;
}
