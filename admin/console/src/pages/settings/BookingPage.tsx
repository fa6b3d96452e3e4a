import { SettingField } from "./business/SettingField";

export function BookingPage() {
  return (
    <>
      <p className="page-intro">What may be booked, by the assistant and by staff.</p>
      <SettingField name="booking.minimum_notice_minutes" label="Least notice" unit="minutes" />
      <SettingField name="booking.horizon_days" label="Bookable ahead" unit="days" />
      <SettingField name="booking.slot_step_minutes" label="Steps between times" unit="minutes" />
      <SettingField
        name="booking.cancellation_notice_hours"
        label="Cancellation notice"
        unit="hours"
      />
      <SettingField name="booking.late_cancellation_fee" label="Late cancellation fee" />
      <SettingField
        name="booking.waiting_list_hold_minutes"
        label="Waiting list hold"
        unit="minutes"
      />
    </>
  );
}
