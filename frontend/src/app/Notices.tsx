/** Apart, so that it can be loaded after the page: the package as a whole would bring all that nobody uses. */
export { Notifications as Notices } from '@mantine/notifications';
