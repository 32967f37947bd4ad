import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { host, mapping, page, person } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

const path = '/api/admin/mappings';
const people = page([person()]);
const others = { '/api/people': people, '/api/hosts': page([host()]) };

describe('Mappings', () => {
  hasFourStates({
    at: '/mappings',
    path,
    others,
    empty: { body: page([]), text: 'No mappings yet' },
    data: { body: page([mapping()]), text: 'Set by an admin' },
  });

  it('are added; what is missing is named', async () => {
    let sent: unknown;
    answer({ ...others, [path]: page([mapping()]) });
    server.use(
      http.post(path, async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json(mapping({ id: '8', username: 'al' }), { status: 201 });
      }),
    );
    const { user } = renderApp('/mappings');
    await user.click(await screen.findByRole('button', { name: 'Add a mapping' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Add a mapping' }));
    await user.click(dialog.getByRole('button', { name: 'Add' }));
    expect(await dialog.findAllByText('Please fill this in')).toHaveLength(3);
    await user.click(dialog.getByRole('combobox', { name: 'Person' }));
    await user.click(await screen.findByRole('option', { name: 'alice' }));
    await user.click(dialog.getByRole('combobox', { name: 'Host' }));
    await user.click(await screen.findByRole('option', { name: 'host1' }));
    await user.type(dialog.getByLabelText('User name on the host'), ' al ');
    await user.click(dialog.getByRole('button', { name: 'Add' }));
    await waitFor(() => expect(sent).toEqual({ person: 'p1', host: 'host1', username: 'al' }));
    expect(await screen.findByText('al on host1 is mapped')).toBeInTheDocument();
  });

  it('that somebody else removed first: the question stays and says so', async () => {
    answer({ ...others, [path]: page([mapping()]) });
    server.use(http.delete(`${path}/7`, () => problem(404, 'mapping_not_found')));
    const { user } = renderApp('/mappings');
    await user.click(await screen.findByRole('button', { name: 'Remove alice on host1 from alice' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove this mapping?' }));
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    expect(await dialog.findByText('There is no such mapping')).toBeInTheDocument();
  });

  it('are removed after a second question', async () => {
    let removed = false;
    answer({ ...others, [path]: page([mapping()]) });
    server.use(
      http.delete(`${path}/7`, () => {
        removed = true;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderApp('/mappings');
    await user.click(await screen.findByRole('button', { name: 'Remove alice on host1 from alice' }));
    expect(removed).toBe(false);
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Remove' }));
    expect(await screen.findByText('The mapping is removed')).toBeInTheDocument();
    expect(removed).toBe(true);
  });
});
