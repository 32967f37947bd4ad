import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/DeviceRoute';
import { able, defaults, deviceAnswers, grace, page, row } from '@/test/fixtures';
import { address, answer, fail, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

const at = '/hosts/host1/device?name=%2Fdev%2Fsda1';
const GRACE = '/api/quotas/host1/grace';
const DEFAULTS = '/api/quotas/host1/default-quota';

/** Opens the device with this answer to a change; what is sent is kept. */
function open(path: string, reply: (body: object) => Response, over: Record<string, object> = {}) {
  const sent: { body: object; query: Record<string, string> }[] = [];
  answer({ ...deviceAnswers(), '/api/rows': page([row()]), ...over });
  server.use(
    http.put(path, async ({ request }) => {
      const body = (await request.json()) as object;
      sent.push({ body, query: Object.fromEntries(new URL(request.url).searchParams) });
      return reply(body);
    }),
  );
  return { sent, ...renderApp(at) };
}

const card = async (name: string) => within(await screen.findByRole('region', { name }));

describe('grace periods', () => {
  const saved = (body: object) => HttpResponse.json({ grace: grace(body), audit_id: '0123456789abcdef' });

  it('are told in words', async () => {
    open(GRACE, saved);
    const shown = await card('Grace periods');
    expect(await shown.findByText('7 days')).toBeInTheDocument();
    expect(shown.getByText('1 day 1 hour 30 minutes')).toBeInTheDocument();
  });

  it('are sent as far as they were changed, and lead to the audit trail', async () => {
    const { user, sent } = open(GRACE, saved);
    await user.click(await screen.findByLabelText('Change Grace periods'));
    const drawer = within(await screen.findByRole('dialog', { name: 'Grace periods of users on /dev/sda1' }));
    expect(address()).toContain('panel=grace');
    const space = within(drawer.getByRole('group', { name: 'Space' }));
    await user.clear(space.getByLabelText('Days'));
    await user.type(space.getByLabelText('Days'), '14');
    expect(drawer.getByText('14 days')).toBeInTheDocument();
    await user.type(drawer.getByLabelText('Reason'), 'May');
    answer({ [GRACE]: grace({ block_grace: 1_209_600 }) });
    await user.click(drawer.getByText('Set grace periods'));
    const entry = await screen.findByText('Entry 01234567 in the audit trail');
    expect(entry).toHaveAttribute('href', '/audit?host=host1&q=%2Fdev%2Fsda1');
    expect(sent).toEqual([
      {
        body: { block_grace: 1_209_600, reason: 'May' },
        query: { device: '/dev/sda1', quota_type: 'user' },
      },
    ]);
    expect(await (await card('Grace periods')).findByText('14 days')).toBeInTheDocument();
  });

  it.each([
    ['0', 'no grace period of nothing'],
    ['soon', 'Type numbers'],
    ['60000', 'at most 49710 days'],
  ])('of %s days are refused at the field', async (days, why) => {
    const { user, sent } = open(GRACE, saved, { [GRACE]: grace({ inode_grace: 604_800 }) });
    await user.click(await screen.findByLabelText('Change Grace periods'));
    const field = within(await screen.findByRole('group', { name: 'Space' })).getByLabelText('Days');
    await user.clear(field);
    await user.type(field, days);
    await user.click(screen.getByText('Set grace periods'));
    expect(await screen.findByText(new RegExp(why))).toBeInTheDocument();
    expect(sent).toEqual([]);
  });

  it('shows what the host found wrong at its field', async () => {
    const fault = { field: 'inode_grace', found: '3600', expected: 'at least a day' };
    const { user } = open(GRACE, () => problem(422, 'invalid_input', [fault]));
    await user.click(await screen.findByLabelText('Change Grace periods'));
    const field = within(await screen.findByRole('group', { name: 'Files' })).getByLabelText('Days');
    await user.clear(field);
    await user.click(screen.getByText('Set grace periods'));
    expect(await screen.findByText('The host expects: at least a day')).toBeInTheDocument();
    expect(field).toHaveAttribute('aria-invalid', 'true');
  });

  it('of files are not offered where files have no limits, nor any where a device has none', async () => {
    open(GRACE, saved, deviceAnswers(able({ inode_limits: false })));
    const shown = await card('Grace periods');
    expect(await shown.findByText('Space')).toBeInTheDocument();
    expect(shown.queryByText('Files')).not.toBeInTheDocument();
  });

  it('have no card where there is no such thing', async () => {
    answer({ ...deviceAnswers(), '/api/rows': page([row()]) });
    fail(GRACE, 409, 'not_supported');
    renderApp(at);
    await card('Default limits');
    await waitFor(() =>
      expect(screen.queryByRole('region', { name: 'Grace periods' })).not.toBeInTheDocument(),
    );
  });
});

describe('default limits', () => {
  const saved = (body: object) => HttpResponse.json({ defaults: defaults(body), audit_id: '42' });

  it('say what it means that there are none, and when new ones take effect', async () => {
    const { user } = open(DEFAULTS, saved);
    expect(await screen.findByText(/without limits of their own is unlimited here/)).toBeInTheDocument();
    await user.click(screen.getByLabelText('Change Default limits'));
    expect(
      await screen.findByText(/the worker on the host applies them within 5 minutes/),
    ).toBeInTheDocument();
  });

  it('are sent as far as they were changed, and shown at once', async () => {
    const standing = defaults({ block_soft_limit: 1_048_576, inode_hard_limit: 1000 });
    const { user, sent } = open(DEFAULTS, saved, { [DEFAULTS]: standing });
    await user.click(await screen.findByLabelText('Change Default limits'));
    const drawer = within(
      await screen.findByRole('dialog', { name: 'Default limits of users on /dev/sda1' }),
    );
    expect(drawer.getByLabelText('Soft limit of space in GiB')).toHaveValue('1');
    await user.type(drawer.getByLabelText('Hard limit of space in GiB'), '50');
    await user.clear(drawer.getByLabelText('Hard limit of files'));
    answer({ [DEFAULTS]: defaults({ block_hard_limit: 52_428_800 }) });
    await user.click(drawer.getByText('Set default limits'));
    expect(await screen.findByText('Entry 42 in the audit trail')).toBeInTheDocument();
    expect(sent.map(({ body }) => body)).toEqual([{ block_hard_limit: 52_428_800, inode_hard_limit: 0 }]);
    expect(await (await card('Default limits')).findByText('50 GiB')).toBeInTheDocument();
  });

  it('are refused where soft is above hard, and when the host says no', async () => {
    const { user, sent } = open(DEFAULTS, () => problem(504, 'host_timeout'));
    await user.click(await screen.findByLabelText('Change Default limits'));
    const hard = await screen.findByLabelText('Hard limit of space in GiB');
    const soft = screen.getByLabelText('Soft limit of space in GiB');
    await user.type(hard, '1');
    await user.type(soft, '2');
    const save = screen.getByRole('button', { name: 'Set default limits' });
    await user.click(save);
    expect(await screen.findByText('The soft limit must not be above the hard limit')).toBeInTheDocument();
    expect(sent).toEqual([]);
    await user.clear(soft);
    await user.click(save);
    expect(await screen.findByText('The host does not answer in time')).toBeInTheDocument();
    expect(hard).toHaveValue('1');
  });
});
