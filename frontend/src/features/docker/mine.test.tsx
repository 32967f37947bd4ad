import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { Notices } from '@/app/Notices';
import { me, row, secondsAgo } from '@/test/fixtures';
import { answer, fail, neverAnswer, renderApp } from '@/test/render';
import { server } from '@/test/server';
import { MyDocker } from './MyDocker';

const PATH = '/api/me/docker';
const GIB = 1024 ** 3;
const reading = { host: 'host1', taken_at: secondsAgo(5), age_seconds: 5, problem: null };
const alices = { uid: 1000, user: 'alice', method: 'proxy', certainty: 'certain', candidates: [] };
const perhaps = {
  uid: null,
  user: null,
  method: 'audit',
  certainty: 'ambiguous',
  candidates: [{ uid: 1000, user: 'alice' }],
};
const item = (kind: string, name: string, gib: number, more: object) => ({
  id: `id-of-${name}`,
  name,
  kind,
  host: 'host1',
  created_at: null,
  measured_at: secondsAgo(5),
  bytes: gib * GIB,
  attribution: alices,
  is_mine: true,
  state: null,
  containers: null,
  unshared_bytes: null,
  is_tagged: null,
  ...more,
});
const found = [
  item('container', 'busy', 9, { state: 'running' }),
  item('image', 'old', 8, { containers: 0, unshared_bytes: GIB }),
  item('volume', 'data', 3, { containers: 0 }),
  item('container', 'elsewhere', 4, { state: 'exited', host: 'host2' }),
  item('container', 'build-tmp', 2, { state: 'exited', is_mine: false, attribution: perhaps }),
];
const list = (items: object[], over: object = {}) => ({
  items,
  total: items.length,
  page: 1,
  page_size: 500,
  hosts: [reading],
  claims: [],
  ...over,
});
const claim = {
  id: 'c1',
  host: 'host1',
  kind: 'container',
  object_id: 'id-of-build-tmp',
  object_created_at: null,
  claimed_at: secondsAgo(1),
  state: 'open',
};

const renderMine = () =>
  renderApp(
    '/',
    <>
      <Notices position="bottom-right" />
      <MyDocker row={row({ kind: 'docker', device: 'docker', docker_volume_bytes: 3 * GIB })} />
    </>,
  );

describe('My share of Docker', () => {
  it('is being loaded', async () => {
    answer({ '/api/me': me() });
    neverAnswer(PATH);
    renderMine();
    expect(await screen.findByText('Loading…')).toBeInTheDocument();
  });

  it('could not be loaded, and is tried again', async () => {
    fail(PATH, 500, 'internal');
    const { user } = renderMine();
    expect(await screen.findByText('The master failed')).toBeInTheDocument();
    answer({ [PATH]: list(found) });
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText(/busy/)).toBeInTheDocument();
  });

  it('is nothing, or not read yet', async () => {
    answer({ [PATH]: list([]) });
    renderMine();
    expect(await screen.findByText(/No object of Docker is known to be yours/)).toBeInTheDocument();
    expect(screen.getByText('Volumes').nextSibling).toHaveTextContent('3 GiB');
  });

  it('names what would free most first, of this host alone', async () => {
    answer({ [PATH]: list(found) });
    renderMine();
    expect(await screen.findByText('What would free most')).toBeInTheDocument();
    const lines = screen
      .getAllByRole('listitem')
      .map(({ textContent }) => /^[^.]*GiB/.exec(textContent)?.[0]);
    expect(lines).toEqual([
      'data · volume · frees 3 GiB',
      'old · image · frees 1 GiB',
      'busy · container · 9 GiB',
      'build-tmp · container · frees 2 GiB',
    ]);
  });

  it('tells an image that nobody can name from one that must be had again', async () => {
    const image = (name: string, is_tagged: boolean) =>
      item('image', name, 1, { containers: 0, unshared_bytes: GIB, is_tagged });
    answer({ [PATH]: list([image('old', false), image('ubuntu', true)]) });
    renderMine();
    const [old, ubuntu] = await screen.findAllByRole('listitem');
    expect(old).toHaveTextContent('Yes. No container uses it, and it has no name.');
    expect(ubuntu).toHaveTextContent('It must be pulled or built again when needed.');
  });

  it('is claimed by whose it may be, once', async () => {
    const before = { ...claim, id: 'c0', object_created_at: '2020-01-01T00:00:00Z' };
    answer({ [PATH]: list(found, { claims: [before] }) });
    let sent: unknown;
    server.use(
      http.post('/api/me/docker/claims', async ({ request }) => {
        sent = await request.json();
        answer({ [PATH]: list(found, { claims: [claim] }) });
        return HttpResponse.json(claim);
      }),
    );
    const { user } = renderMine();
    await user.click(await screen.findByRole('button', { name: 'It is mine: build-tmp' }));
    const mine = within(screen.getByRole('region', { name: 'What your share consists of' }));
    expect(await mine.findByText('You said it is yours. An admin decides.')).toBeInTheDocument();
    expect(mine.queryByRole('button', { name: 'It is mine: build-tmp' })).toBeNull();
    expect(sent).toEqual({ host: 'host1', kind: 'container', id: 'id-of-build-tmp' });
  });
});
