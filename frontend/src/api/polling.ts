import { keepPreviousData } from '@tanstack/react-query';
import { usePolling } from '@/lib/editing';

/** Options of every list that is looked at for long: fresh by itself, and no blank between two pages of it. */
export function useLive() {
  return { ...usePolling(), placeholderData: keepPreviousData };
}
