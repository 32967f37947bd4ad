import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { Notices } from '@/app/Notices';
import { me, row, secondsAgo } from '@/test/fixtures';
import { answer, fail, neverAnswer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';
import { MyDocker } from './MyDocker';
import { MyDockerElsewhere } from './MyDockerElsewhere';

const PATH = '/api/me/docker';
const GIB = 1024 ** 3;
const reading = { host: 'host1', taken_at: secondsAgo(5), age_seconds: 5, problem: null, has_quota: true };
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
  name: 'build-tmp' as string | null,
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

  it('is claimed by its name where nobody is known to own it, with a clear answer', async () => {
    answer({ [PATH]: list([]) });
    const sent: unknown[] = [];
    server.use(
      http.post('/api/me/docker/claims', async ({ request }) => {
        const body = (await request.json()) as { id: string };
        sent.push(body);
        if (body.id !== 'web-3') return problem(404, 'not_found');
        const made = { ...claim, object_id: 'f'.repeat(64), name: 'web-3' };
        answer({ [PATH]: list([], { claims: [made] }) });
        return HttpResponse.json(made);
      }),
    );
    const { user } = renderMine();
    await user.click(await screen.findByRole('button', { name: 'Something of yours is missing?' }));
    const form = within(screen.getByRole('form', { name: 'Something of yours is missing?' }));
    const field = form.getByRole('textbox', { name: 'Name or id' });
    const send = form.getByRole('button', { name: 'It is mine' });
    expect(send).toBeDisabled();
    await user.type(field, 'web-4');
    await user.click(send);
    expect(
      await form.findByText(/There is nothing of this name or id that you could claim/),
    ).toBeInTheDocument();
    await user.clear(field);
    await user.type(field, ' web-3');
    await user.click(send);
    expect(await screen.findByText('An admin will decide about web-3')).toBeInTheDocument();
    expect(await screen.findByText('web-3 · container')).toBeInTheDocument();
    expect(screen.getByText('You said it is yours. An admin decides.')).toBeInTheDocument();
    expect(sent.slice(-1)).toEqual([{ host: 'host1', kind: 'container', id: 'web-3' }]);
  });

  it('is found on hosts without a quota of it too', async () => {
    const hosts = [reading, { ...reading, host: 'host2', has_quota: false }];
    const shared = item('container', 'shared', 1, { host: 'host2', is_mine: false, attribution: perhaps });
    const denied = { ...claim, host: 'host2', object_id: 'a'.repeat(64), name: null, state: 'denied' };
    const gone = { ...denied, id: 'c2', object_id: 'b'.repeat(64), state: 'gone' };
    answer({ [PATH]: list([...found, shared], { hosts, claims: [denied, gone] }) });
    renderApp('/', <MyDockerElsewhere />);
    const card = within(await screen.findByRole('region', { name: 'Docker on host2' }));
    expect(card.getByText('Nothing of Docker is limited for you there.')).toBeInTheDocument();
    expect(card.getByRole('button', { name: 'It is mine: shared' })).toBeInTheDocument();
    expect(card.getByText('aaaaaaaaaaaa · container')).toBeInTheDocument();
    expect(card.getByText('An admin said it is not yours.')).toBeInTheDocument();
    expect(card.getByText('It is no longer there.')).toBeInTheDocument();
    expect(card.queryByText(/busy/)).toBeNull();
    expect(screen.queryByRole('region', { name: 'Docker on host1' })).toBeNull();
  });
});
