import { useQuery } from '@tanstack/react-query';
import { sessionOptions } from '@/api/session';
import { TokensPage } from '@/features/tokens/TokensPage';

/** Who is an admin sees everybody's tokens too. */
export function TokensRoute() {
  const { data } = useQuery(sessionOptions());
  return <TokensPage isAdmin={data?.is_admin ?? false} />;
}
