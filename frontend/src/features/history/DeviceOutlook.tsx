import { ForecastText } from './ForecastText';
import { useForecast } from './queries';

/** When a device is full, in a sentence. */
export function DeviceOutlook({ host, device }: { host: string; device: string }) {
  return <ForecastText forecast={useForecast({ host, device }).data} />;
}
