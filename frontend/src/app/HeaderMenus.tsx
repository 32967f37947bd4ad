import type { Me } from '@/api/session';
import { SchemeSwitch } from './SchemeSwitch';
import { UserMenu } from './UserMenu';

/** What opens a menu in the header: loaded after the page itself. */
export function HeaderMenus({ me }: { me: Me }) {
  return (
    <>
      <SchemeSwitch />
      <UserMenu me={me} />
    </>
  );
}
