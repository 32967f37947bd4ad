import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { Notices } from '@/app/Notices';
import { page, row, secondsAgo } from '@/test/fixtures';
import { answer, fail, neverAnswer, renderApp } from '@/test/render';
import { server } from '@/test/server';
import { DockerPanel } from './DockerPanel';

const at = '/hosts/host1/device?name=docker';
const PATH = '/api/admin/docker/hosts/host1';
const QUEUE = '/api/admin/docker/review-queue';
const GIB = 1024 ** 3;
const named = { uid: 1000, user: 'alice' };
const bob = { uid: 1001, user: 'bob' };
const between = { uid: null, user: null, method: 'audit', certainty: 'ambiguous', candidates: [named] };
const common = { created_at: null, measured_at: secondsAgo(5), bytes: GIB };
const container = { ...common, id: 'c'.repeat(64), name: 'build-tmp', attribution: between };
const made = (name: string) => ({ id: name, name, attribution: between });
const reading = { host: 'host1', taken_at: secondsAgo(5), age_seconds: 5, problem: null };
const nothing = { ...reading, store: null, containers: [], images: [], volumes: [], build_cache: [] };
const share = {
  ...named,
  container_bytes: GIB,
  image_layer_bytes: 2 * GIB,
  volume_bytes: 0,
  build_cache_bytes: 0,
  used_bytes: 3 * GIB,
  claimed_bytes: 0,
};
const store = {
  state: 'ok',
  detail: '',
  measured_at: secondsAgo(5),
  estimated: false,
  lacks: [],
  used_bytes: 5 * GIB,
  free_bytes: 5 * GIB,
  total_bytes: 10 * GIB,
  unattributed_bytes: 2 * GIB,
  overhead_bytes: GIB / 2,
  difference_bytes: GIB / 4,
  shares: [share],
};
const host = {
  ...nothing,
  store,
  containers: [{ ...container, image: 'ubuntu', state: 'exited', log_bytes: 0 }],
  images: [{ ...common, ...made('ubuntu'), tags: ['ubuntu'], unshared_bytes: GIB / 4, containers: 0 }],
  volumes: [
    { ...common, ...made('lonely'), anonymous: false, containers: 0 },
    { ...common, ...made('mounted'), anonymous: false, containers: 1 },
  ],
};
const claim = { person: 'p1', name: 'Alice', username: 'alice', uid: 1000, claimed_at: secondsAgo(60) };
const queue = {
  items: [{ ...container, kind: 'container', host: 'host1', claims: [claim] }],
  total: 1,
  page: 1,
  page_size: 500,
  hosts: [reading],
};
const HISTORY = '/api/admin/docker/history';
const others = { '/api/rows': page([row()]), [QUEUE]: queue, [HISTORY]: { items: [] } };

/** The part of the device's page that these tests are about, without the rest of it. */
const renderPanel = (address = at) =>
  renderApp(
    address,
    <>
      <Notices position="bottom-right" />
      <DockerPanel host="host1" />
    </>,
  );
const panel = () => within(screen.getByRole('region', { name: "What fills Docker's store" }));

/** What an admin sent to say or take back whose an object is. */
function takeSayings() {
  const sent: unknown[] = [];
  const object = { kind: 'container', id: container.id, name: 'build-tmp', history: [] };
  const said = { audit_id: 'a1', object: { ...object, attribution: between } };
  server.use(
    http.post('/api/admin/docker/attributions', async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(said);
    }),
    http.delete('/api/admin/docker/attributions', ({ request }) => {
      sent.push(Object.fromEntries(new URL(request.url).searchParams));
      return HttpResponse.json(said);
    }),
  );
  return sent;
}

describe("Docker's objects", () => {
  it('say that they are loading', async () => {
    answer(others);
    neverAnswer(PATH);
    renderPanel();
    expect(await panel().findByText('Loading…')).toBeInTheDocument();
  });

  it('show a problem, and try again', async () => {
    answer(others);
    fail(PATH, 500, 'internal');
    const { user } = renderPanel();
    const its = panel();
    expect(await its.findByText('The master failed')).toBeInTheDocument();
    answer({ ...others, [PATH]: host });
    await user.click(its.getByRole('button', { name: 'Try again' }));
    expect(await its.findByText('build-tmp')).toBeInTheDocument();
  });

  it('are not there before the host was read, with why', async () => {
    answer({ ...others, [PATH]: { ...nothing, problem: { code: 'refused', detail: 'connect' } } });
    renderPanel();
    const its = panel();
    expect(await its.findByText('Not read yet')).toBeInTheDocument();
    expect(its.getByText(/refuses the connection/)).toBeInTheDocument();
  });

  it('show who fills the store, with what is nobody’s in rows of its own', async () => {
    answer({ ...others, [PATH]: host });
    renderPanel();
    const shares = within(await screen.findByRole('table', { name: 'Who fills the store' }));
    const lines = shares.getAllByRole('row').map((line) => line.textContent);
    expect(lines.slice(1)).toEqual([
      'alice3 GiB1 GiB2 GiB0 GiB0 GiB',
      "Nobody's1.5 GiB",
      "Docker's own0.5 GiB",
      'Deleted, still open0.25 GiB',
    ]);
  });

  it('say what may be removed, and warn of data', async () => {
    answer({ ...others, [PATH]: host });
    const { user } = renderPanel();
    const its = panel();
    const sums = (await its.findAllByRole('listitem')).map(({ textContent }) => textContent);
    expect(sums).toEqual([
      '1 stopped container: 1 GiB',
      '1 image that no container uses: at least 0.25 GiB',
      '1 volume that no container mounts: 1 GiB. Its data may be nowhere else.',
    ]);
    await user.click(its.getByRole('tab', { name: 'Volumes (2)' }));
    const words = its
      .getAllByRole('row')
      .map((line) => /(No, it is in use|Look inside first)/.exec(line.textContent));
    expect(words.slice(-2).map((found) => found?.[0])).toEqual(['Look inside first', 'No, it is in use']);
  });

  it('are decided by an admin, who finds who claims them', async () => {
    answer({ ...others, [PATH]: host });
    const sent = takeSayings();
    const { user } = renderPanel(`${at}&list=review`);
    expect(await screen.findByText('alice says it is theirs')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Say whose build-tmp is' }));
    expect(await screen.findByRole('combobox', { name: 'User name or number' })).toHaveValue('alice');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('build-tmp has its owner')).toBeInTheDocument();
    expect(sent).toEqual([{ host: 'host1', kind: 'container', id: container.id, uid: 1000 }]);
  });

  it('are given to an account that the host has, by its name', async () => {
    answer({ ...others, [PATH]: host, '/api/rows': page([row({ id: 1001, name: 'bob' })]) });
    const sent = takeSayings();
    const { user } = renderPanel();
    await user.click(await screen.findByRole('button', { name: 'Say whose build-tmp is' }));
    const field = await screen.findByRole('combobox', { name: 'User name or number' });
    await user.clear(field);
    await user.type(field, 'nosuch');
    expect(await screen.findByText(/No account of that host is known by this name/)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
    await user.clear(field);
    await user.type(field, 'bob');
    expect(await screen.findByText('bob (1001)')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('build-tmp has its owner')).toBeInTheDocument();
    expect(sent).toEqual([{ host: 'host1', kind: 'container', id: container.id, uid: 1001 }]);
  });

  it('go back to what is known otherwise when an admin takes back the word', async () => {
    const attribution = { ...named, method: 'override', certainty: 'certain', candidates: [] };
    const containers = host.containers.map((each) => ({ ...each, attribution }));
    answer({ ...others, [PATH]: { ...host, containers } });
    const sent = takeSayings();
    const { user } = renderPanel();
    await user.click(await screen.findByRole('button', { name: 'Say whose build-tmp is' }));
    await user.type(await screen.findByLabelText('Reason'), 'not hers');
    await user.click(screen.getByRole('button', { name: 'Take back' }));
    expect(await screen.findByText('What was said of build-tmp is taken back')).toBeInTheDocument();
    expect(sent).toEqual([{ host: 'host1', kind: 'container', id: container.id, reason: 'not hers' }]);
  });

  it('have their history in the dialog, also of what was taken back', async () => {
    const said = { uid: 1001, user: 'bob', reason: 'asked him', state: 'applied', audit_id: 'a1' };
    const word = (ago: number, action: string, over: object) => ({
      ...said,
      at: secondsAgo(ago),
      by: 'charlie',
      action,
      ...over,
    });
    const items = [
      word(1, 'withdrawn', { uid: null, user: null, reason: 'was wrong' }),
      word(2, 'set', { state: 'unknown' }),
      word(3, 'set', { uid: null, user: null, reason: '' }),
      word(4, 'claimed', { ...named, by: 'Alice', reason: '', state: 'denied', audit_id: null }),
    ];
    answer({ ...others, [PATH]: host, [HISTORY]: { items } });
    const { user } = renderPanel();
    await user.click(await screen.findByRole('button', { name: 'Say whose build-tmp is' }));
    const its = within(await screen.findByRole('region', { name: 'What was said' }));
    const lines = (await its.findAllByRole('listitem')).map(({ textContent }) => textContent);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^charlie took back what was said.*was wrong$/);
    expect(lines[1]).toMatch(/^charlie: it is bob's.*what became of it is not known.*asked him$/);
    expect(lines[2]).toMatch(/^charlie: it is nobody's/);
    expect(lines[3]).toMatch(/^Alice claims it for alice.*denied$/);
  });

  it('say when their history cannot be had, and can be decided all the same', async () => {
    answer({ ...others, [PATH]: host });
    fail(HISTORY, 500, 'internal');
    const { user } = renderPanel();
    await user.click(await screen.findByRole('button', { name: 'Say whose build-tmp is' }));
    const its = within(await screen.findByRole('region', { name: 'What was said' }));
    expect(await its.findByText('The master failed')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Save' })).toBeEnabled();
  });

  it('of which it is certain whose they are may bear a label of somebody else', async () => {
    const attribution = { ...between, method: 'proxy', certainty: 'certain', candidates: [named] };
    const containers = host.containers.map((each) => ({ ...each, attribution: { ...attribution, ...bob } }));
    answer({ ...others, [PATH]: { ...host, containers } });
    const { user } = renderPanel();
    const line = within((await screen.findByText('build-tmp')).closest('tr') as HTMLElement);
    expect(line.getByText('its label names alice')).toBeInTheDocument();
    expect(line.queryByText(/may be of/)).toBeNull();
    await user.click(line.getByRole('button', { name: 'Say whose build-tmp is' }));
    expect(await screen.findByText('May be of: bob (1001)')).toBeInTheDocument();
  });
});
