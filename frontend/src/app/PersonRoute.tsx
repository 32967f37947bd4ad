import { LimitsDrawer } from '@/features/limits/LimitsDrawer';
import { PersonPage } from '@/features/people/PersonPage';

/** Features do not know each other: here the page of a person gets the editor of limits. */
export function PersonRoute() {
  return <PersonPage renderEditor={(props) => <LimitsDrawer {...props} />} />;
}
