import { StrictMode, useState } from 'react';
import { RouterProvider } from 'react-router/dom';
import { startClient } from '@/api/client';
import { Providers } from './Providers';
import { createQueryClient } from './queryClient';
import { createRouter } from './router';

function start() {
  const queryClient = createQueryClient();
  startClient(queryClient);
  return { queryClient, router: createRouter() };
}

export function App() {
  const [{ queryClient, router }] = useState(start);
  return (
    <StrictMode>
      <Providers queryClient={queryClient}>
        <RouterProvider router={router} />
      </Providers>
    </StrictMode>
  );
}
