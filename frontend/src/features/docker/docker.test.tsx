import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/DeviceRoute';
import '@/features/docker/DockerPanel';
import { device as makeDevice, deviceAnswers, page, row, secondsAgo } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { answer, renderApp } from '@/test/render';
import { server } from '@/test/server';

const at = '/hosts/host1/device?name=docker';
const PATH = '/api/admin/docker/hosts/host1';
const QUEUE = '/api/admin/docker/review-queue';
const GIB = 1024 ** 3;
const named = { uid: 1000, user: 'alice' };
const between = { uid: null, user: null, method: 'audit', certainty: 'ambiguous', candidates: [named] };
const common = { created_at: null, measured_at: secondsAgo(5), bytes: GIB };
const container = { ...common, id: 'c'.repeat(64), name: 'build-tmp', attribution: between };
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
};
const claim = { person: 'p1', name: 'Alice', username: 'alice', uid: 1000, claimed_at: secondsAgo(60) };
const queue = {
  items: [{ ...container, kind: 'container', host: 'host1', claims: [claim] }],
  total: 1,
  page: 1,
  page_size: 500,
  hosts: [reading],
};
const answers = deviceAnswers(makeDevice({ name: 'docker', kind: 'docker' }));
const others = { ...answers, '/api/rows': page([row()]), [QUEUE]: queue };

describe("Docker's objects", () => {
  hasFourStates({
    at,
    path: PATH,
    others,
    empty: { body: nothing, text: 'Not read yet' },
    data: { body: host, text: 'build-tmp' },
  });

  it('show who fills the store, with what is nobody’s in rows of its own', async () => {
    answer({ ...others, [PATH]: host });
    renderApp(at);
    const shares = within(await screen.findByRole('table', { name: 'Who fills the store' }));
    const lines = shares.getAllByRole('row').map((line) => line.textContent);
    expect(lines.slice(1)).toEqual([
      'alice3 GiB1 GiB2 GiB0 GiB0 GiB',
      'Nobody\'s1.5 GiB',
      'Docker\'s own0.5 GiB',
      'Deleted, still open0.25 GiB',
    ]);
  });

  it('are decided by an admin, who finds who claims them', async () => {
    answer({ ...others, [PATH]: host });
    let sent: unknown;
    server.use(
      http.post('/api/admin/docker/attributions', async ({ request }) => {
        sent = await request.json();
        const object = { kind: 'container', id: container.id, name: 'build-tmp', history: [] };
        return HttpResponse.json({ audit_id: 'a1', object: { ...object, attribution: between } });
      }),
    );
    const { user } = renderApp(`${at}&list=review`);
    expect(await screen.findByText('alice says it is theirs')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Say whose build-tmp is' }));
    expect(await screen.findByLabelText('User id')).toHaveValue('1000');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('build-tmp has its owner')).toBeInTheDocument();
    expect(sent).toEqual({ host: 'host1', kind: 'container', id: container.id, uid: 1000 });
  });
});
