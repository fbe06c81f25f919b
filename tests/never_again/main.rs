//! What others suffered, and the tests that would fail if we had it too.
//!
//! Each row: where it can be read, what it was in our words, and what shows that it is not so here.
//! `later` marks what is not claimed yet; `not ours` what there is nothing of in this system. A test
//! in this program holds the table against the sources.
//!
//! # How the direct peer loses, starves, repeats or misroutes an exchange
//!
//! Read in VietOpenCPS/opencps-v2 at 2c71985 (2020-10-05), `backend-dossiermgt-service`.
//!
//! | # | source | defect | shown by |
//! |---|---|---|---|
//! | S1 | PublishEventScheduler | any exception ends in "received and acknowledged" | `nothing_counts_as_delivered_that_is_not_in_the_receivers_journal`, `what_the_host_did_not_record_is_handed_over_again_in_order` |
//! | S2 | PublishEventScheduler | one row fails for ever without being counted | `poison_is_set_aside_and_stops_nothing_behind_it_on_the_same_line`, `what_is_in_quarantine_is_listed_with_its_reason` |
//! | S3 | PublishEventScheduler | what is tried again falls behind newer events; ten in 45 s | `any_order_with_duplicates_comes_out_in_order_and_once`, `what_the_host_did_not_record_is_handed_over_again_in_order` |
//! | S4 | DossierSyncProcessingScheduler | the first bad row ends the pass for all behind it | `an_agency_that_is_dead_or_hangs_delays_no_other`, `what_is_missing_of_an_agency_that_is_away_holds_up_its_own_line_alone` |
//! | S5 | MessageProcessor | a shared processor sends the previous dossier again | `every_step_between_arrives_although_the_receiver_was_away_for_all_of_them`, `what_cannot_be_believed_is_kept_with_its_reason_and_holds_up_nothing` |
//! | S6 | APIMessageProcessor | sent again after a crash and done again | `nothing_counts_as_delivered_that_is_not_in_the_receivers_journal`, `the_same_event_twice_is_taken_in_once`, `a_repeated_command_returns_the_first_answer_and_writes_nothing` |
//! | S7 | APIMessageProcessor | a missing file is skipped and acknowledged | not ours: no file travels with an event; a document is named by its hash, and an event is whole or refused (`an_event_at_the_limit_is_written_and_one_byte_more_is_not`) |
//! | S8 | APIMessageProcessor | the state of now is sent, steps between are lost | `every_step_between_arrives_although_the_receiver_was_away_for_all_of_them` |
//! | S9 | DossierSyncUtils | ordered by id and method, without a number | `any_order_with_duplicates_comes_out_in_order_and_once`, `filling_the_reported_gaps_always_completes_a_line` |
//! | S10 | DossierTerm | local copies are told apart by a prefix of the id | `a_code_belongs_to_one_unit`, `nd61_art_26_codes_of_others_are_noted_beside_the_dossiers_own` |
//! | S11 | isRunning in a JVM | one call that hangs ends the exchange until a restart, unseen | `an_agency_that_is_dead_or_hangs_delays_no_other`, `a_consumer_that_falls_silent_while_it_looks_open_keeps_nothing_back` |
//! | S12 | /fixsync, /resync, /republish | operators heal by editing rows | `a_home_restored_in_the_middle_of_a_route_repeats_what_it_said_and_goes_on`, `a_damaged_entry_is_put_right_from_a_backup_entry_by_entry`, `each_poison_lies_there_with_its_reason_and_the_route_ends_at_the_counter`, `consumers_and_streams_deleted_at_the_broker_come_back_by_themselves`, `each_level_lists_its_competence_and_answers_nothing_else` |
//!
//! # What users of brokers, event stores and registers reported
//!
//! | # | source | pain | shown by |
//! |---|---|---|---|
//! | P1 | nats-server #7564 | acknowledged before it was synced, lost in a power cut | `a_power_cut_takes_nothing_that_was_acknowledged`, `a_killed_writer_keeps_everything_acknowledged_and_has_no_gap`, `an_older_copy_of_the_brokers_store_put_back_loses_and_repeats_nothing` |
//! | P2 | nats-server #7549, #7556 | one flipped bit drops a range, or the stream | `bits_flipped_in_the_brokers_store_lose_and_repeat_nothing` |
//! | P3 | nats-server #7302, #5142 | ids are remembered for a window of time only | `a_message_that_comes_again_after_the_brokers_memory_of_ids_has_no_second_effect` |
//! | P4 | nats-server #4736, #7680; nats.rs #557, #1285 | a consumer silently stops | `a_consumer_that_falls_silent_while_it_looks_open_keeps_nothing_back`, `consumers_and_streams_deleted_at_the_broker_come_back_by_themselves` |
//! | P5 | nats-server #1173 | a subscriber cannot know who published | `what_cannot_be_believed_is_kept_with_its_reason_and_holds_up_nothing`, `a_step_event_by_a_unit_that_does_not_hold_the_step_is_kept_aside` |
//! | P6 | nats-io/jetstream #425; prometheus-nats-exporter #181 | no place for what cannot be handled | `poison_is_set_aside_and_stops_nothing_behind_it_on_the_same_line`, `each_poison_lies_there_with_its_reason_and_the_route_ends_at_the_counter` |
//! | P7 | KurrentDB #3449, #1301, PR #5497 | a wrong checkpoint skips events or freezes | `where_a_feed_goes_on_is_written_with_the_event`, `a_projector_killed_at_any_time_misses_and_counts_nothing_twice` |
//! | P8 | KurrentDB #1453, #899; marten #3503 | "100 %" although stale | `every_answer_says_as_of_when`, `a_unit_is_lost_before_its_first_word_and_after_three_missed_ones` |
//! | P9 | marten #1720, #4963; opencrvs-core #11877 | a rebuild takes reads down and repeats notices | `a_rebuild_takes_no_dossier_from_a_reader_and_tells_nobody_anything_again` |
//! | P10 | opencrvs-core #7477, #7005, #12292 | slow lines double records; errors are read as success | `a_command_sent_100_times_over_a_flapping_line_is_one_event_with_one_answer`, `nothing_but_done_counts_as_delivered` |
//! | P11 | opencrvs-core #12914, #6242 | what became of a message cannot be asked | `a_command_sent_100_times_over_a_flapping_line_is_one_event_with_one_answer` |
//! | P12 | Digit-Core #619 | a read races the write that came before it | `a_read_waits_for_the_write_that_it_names_or_says_that_it_is_stale` |
//! | P13 | camunda #18376, #39044, #44191 | operators' changes are not in the history | `each_poison_lies_there_with_its_reason_and_the_route_ends_at_the_counter` |
//! | P14 | immudb #1062, #1890, #141 | deleted data stays readable, deletion cannot be proved | `an_erased_name_is_in_no_file_of_any_process_and_every_proof_still_holds`, `invariant_1_an_erasure_anywhere_leaves_every_proof_intact` |
//! | P15 | sled #1533, #1527 | does not open after an abrupt stop | `a_torn_snapshot_costs_nothing`, `a_snapshot_left_half_generated_costs_nothing`, `a_killed_writer_keeps_everything_acknowledged_and_has_no_gap` |
//!
//! # What users suffer from, the older list
//!
//! | # | source | pain | shown by |
//! |---|---|---|---|
//! | Q1 | nats-server #7564, #7549, #7545, #6888, #7567 | the broker loses what it acknowledged | `a_route_survives_the_loss_of_everything_that_the_broker_stored`, `an_older_copy_of_the_brokers_store_put_back_loses_and_repeats_nothing` |
//! | Q2 | nats-server #5412, #3996, #2055, #5876, #5703 | consumer and stream disagree after a power cut, nothing comes any more | `an_older_store_that_outgrew_what_was_lost_hides_no_loss`, `a_broker_that_can_no_longer_read_where_its_consumers_are_keeps_nothing_back` |
//! | Q3 | nats-server #7801, #4460, #2921 | published or delivered twice | `a_message_that_comes_again_after_the_brokers_memory_of_ids_has_no_second_effect` |
//! | Q4 | nats.rs #557, #224 | connected and silent | `a_consumer_that_falls_silent_while_it_looks_open_keeps_nothing_back`, `a_killed_broker_delays_and_loses_nothing` |
//! | Q5 | nats-server #4225, #6751, #7326, #3108; nats.go #1285 | no rights to read single subjects of a stream | `a_unit_logged_in_as_itself_is_refused_everything_that_is_not_its_own`, `a_route_runs_to_its_end_with_nothing_refused_over_tls`, `a_refused_subject_is_counted` |
//! | Q6 | opencrvs-core #7005, #7477, #7656 | lost or doubled between client and server | `a_command_sent_100_times_over_a_flapping_line_is_one_event_with_one_answer`, `a_commune_cut_off_receives_and_sends_when_the_line_is_back` |
//! | Q7 | opencrvs-core #11420, #12742, #5797, #8602 | handed over and seen by nobody | `a_step_has_one_holder_and_one_answer_whatever_the_network_does`, `an_offered_step_is_waited_for_at_its_addressee` |
//! | Q8 | opencrvs-core #11877, #13837, #12182; marten #577, #2597, #3705 | a rebuild wipes the live view | `a_rebuild_takes_no_dossier_from_a_reader_and_tells_nobody_anything_again`, `a_rebuild_while_events_arrive_finds_no_difference` |
//! | Q9 | marten #4952, #4964, #3122, #3503, #624; eventuous #222 | a projection skips events | `what_the_broker_lost_is_read_from_its_origin`, `a_projector_that_was_away_while_the_broker_lost_everything_catches_up` |
//! | Q10 | KurrentDB #3449, #2629, #1392, #500, PR #1890 | stuck checkpoints, parked messages | `where_a_feed_goes_on_is_written_with_the_event`, `an_unfit_arrival_lies_in_quarantine_and_blocks_nothing` |
//! | Q11 | camunda #55585, #5105, #16227, #13017, #55510 | one slow reader pins the log until the disk is full | `an_agency_that_is_dead_or_hangs_delays_no_other`, `on_a_full_disk_the_service_stops_and_keeps_all_that_it_acknowledged` |
//! | Q12 | X-Road #1293; xroad-joint-development #86, #103 | the log's memory grows | `more_dossiers_than_are_at_hand_are_all_known`, `a_full_waiting_room_hands_back_and_the_rest_stays_missing` |
//! | Q13 | X-Road #1807, #138; ria-ee/X-Road #6 | no time stamp, no traffic | not ours: no time stamp of a third party is on the way of a command; heads that peers keep stand in its place |
//! | Q14 | xroad-joint-development #32; Digit-Core #18 | logs that are chained without further tools | `the_root_is_that_of_the_standard_over_own_and_received_bytes`, `each_bit_of_all_that_a_small_journal_stores_of_its_entries_is_found_and_names_the_entry`, `evidence_of_a_real_dossier_is_checked_at_home_by_two_programs_which_name_the_same_event`, `a_standard_client_validates_the_log_of_a_running_unit` |
//! | Q15 | osTicket #1168, #2131; jbpm #233, #1342, #1830; jmix #790 | office hours and holidays counted wrongly | `hours_that_straddle_lunch_and_closing_time`, `a_day_off_on_the_day_of_receipt`, `working_days_agree_with_a_naive_walk` |
//! | Q16 | osTicket #1684; frappe/helpdesk #3243, #3354 | the clock runs while the citizen is waited for | `waiting_for_the_citizen_is_neither_in_time_nor_overdue`, `a_clock_that_stands_still_does_not_become_overdue` |
//! | Q17 | Digit-Core PR #1404, #1412, #1413 | one bad tenant stops every reminder | `more_dossiers_than_one_look_takes_are_all_looked_at_in_the_end`, `dossiers_that_break_the_portal_delay_no_other` |
//! | Q18 | KurrentDB #1570; rails_event_store #372; equinox #294 | persons in a log that is never edited | `invariant_1_an_erasure_anywhere_leaves_every_proof_intact`, `personal_data_is_read_by_those_who_work_on_it_and_lies_nowhere_in_the_clear` |
//! | Q19 | sled #1533, #1509, #1166, #1410, #1417; immudb #1997 | corrupt after a kill | `a_journal_cut_short_does_not_open_as_a_shorter_one`, `a_flipped_byte_in_a_long_journal_is_reported_or_harmless` |
//! | Q20 | serverlesstechnology/cqrs #223, #23, #80 | replay, then follow | `two_projectors_told_in_different_orders_agree_after_a_restart_too`, `invariant_6_event_by_event_equals_all_at_once` |
//! | Q21 | opencrvs-core PR #13525 | definitions change under running cases | `the_version_of_the_reception_date_is_pinned_by_name`, `invariant_7_the_same_history_tells_the_same_dossier_again` |
//! | Q22 | camunda-docs #1513; camunda #3396; immudb #1723 | timers that are late or lost | `an_open_dossier_is_overdue_from_the_foretold_instant_on`, `the_simulated_clock_decides_what_is_overdue_now` |
//!
//! # Defects of peers that were made into tests
//!
//! | # | source | what has to hold | shown by |
//! |---|---|---|---|
//! | R1 | opencps-v2 CPSDossierBusinessLocalServiceImpl | late stays late, whatever is reopened | `what_was_late_when_the_citizen_was_asked_stays_late`, `a_late_dossier_does_not_become_punctual_by_asking_for_something` |
//! | R2 | opencps-v2 HolidayUtils | two sites' hours never mix | `in_any_hours_minutes_added_are_minutes_between`, `the_version_names_hours_that_are_not_the_default` |
//! | R3 | opencps-v2 getCountDateByHoliday | a make-up Saturday is worked everywhere | `the_register_agrees_with_the_notices_on_every_day`, `january_2026_the_swap_announced_a_week_ahead` |
//! | R4 | opencps-v2 HolidayUtils.getDueDate | 10:00 stays 10:00 | `hours_that_straddle_lunch_and_closing_time`, `blds_2015_article_147_1_hours_are_compared_by_minute` |
//! | R5 | opencps-v2 DueDateUtils | a day is that day's hours | `a_day_has_the_hours_it_has` |
//! | R6 | opencps-v2 countNextDay | 400 working days have an answer | `suspensions_and_limits_longer_than_360_skipped_days` |
//! | R7 | opencps-v2 processOnTimePercent | nothing released is no rate | `nothing_released_is_no_rate_and_not_100_percent` |
//! | R8 | opencps-v2 isOvertimeInside | minutes of lateness add up | `the_parts_of_a_dossiers_time_add_up_to_the_whole` |
//! | R9 | opencps-v2 publishEvent | what changes while a message is on its way is told too | `every_step_between_arrives_although_the_receiver_was_away_for_all_of_them` |
//! | R10 | opencps-v2 PublishEventScheduler | what cannot be read is never acknowledged away | `poison_is_set_aside_and_stops_nothing_behind_it_on_the_same_line` |
//! | R11 | opencps-v2 DossierSyncProcessingScheduler | a dead peer delays nobody | `an_agency_that_is_dead_or_hangs_delays_no_other` |
//! | R12 | opencps-v2 MAX_RETRY | the eleventh try is made too | `pauses_grow_to_the_ceiling_and_start_again_after_success`, `a_portal_that_is_away_is_seen_and_told_everything_when_it_is_back` |
//! | R13 | DIGIT workflow transition | two officers at once: one is first | `a_result_is_returned_once`, `a_step_is_answered_once` |
//! | R14 | DIGIT; osTicket #1684; frappe/helpdesk #3243 | thirty days of waiting are not late | `waiting_for_the_citizen_is_neither_in_time_nor_overdue`, `processing_ends_with_the_result_and_not_with_its_return` |
//! | R15 | Digit-Core #1404 | one wrong setting stops no other agency | `every_fault_is_told_once_by_file_and_line_and_ends_in_failure`, `an_agency_that_is_dead_or_hangs_delays_no_other` |
//! | R16 | DIGIT; opencrvs-core grants | an entry taken out or swapped is named | `verification_names_what_was_changed`, `every_flipped_bit_and_every_cut_is_found_by_verifying_and_by_restoring` |
//! | R17 | opencrvs-core #7477; nats-server #7801 | a hundred times sent is once done | `a_command_sent_100_times_over_a_flapping_line_is_one_event_with_one_answer` |
//! | R18 | nats-server #7564, #5412 | lost, reordered, empty: everyone agrees again | `mixed_faults_lose_nothing_acknowledged_and_everyone_agrees_again`, `any_order_with_duplicates_comes_out_in_order_and_once`, `a_broker_that_lost_its_store_is_filled_again_from_the_journals` |
//! | R19 | sled #1533, #1527 | killed while writing, it opens and has everything acknowledged | `a_killed_writer_keeps_everything_acknowledged_and_has_no_gap`, `a_killed_process_leaves_every_acknowledged_key` |
//! | R20 | marten #4952 | a projector refuses a gap and goes on when it is filled | `what_the_broker_lost_is_read_from_its_origin`, `a_lost_tail_is_a_gap_once_somebody_speaks_of_it` |
//! | R21 | opencrvs-core #11877 | readers miss nothing while it is rebuilt | `a_rebuild_takes_no_dossier_from_a_reader_and_tells_nobody_anything_again` |
//! | R22 | camunda #55510 | a full disk is said, and nothing acknowledged is lost | `on_a_full_disk_the_service_stops_and_keeps_all_that_it_acknowledged` |
//! | R23 | X-Road #1807, #138 | an anchor that is away blocks nothing | not ours: no anchor is on the way of a command; peers keep heads when they come, `a_unit_that_shows_two_histories_is_noticed_by_its_peers_and_by_the_projector` |
//! | R24 | sliceworkz/eventstore #127; KurrentDB #1570 | an erased name is read nowhere | `an_erased_name_is_in_no_file_of_any_process_and_every_proof_still_holds`, `an_erasure_interrupted_anywhere_ends_erased` |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod agencies;
mod delivered;
mod named;
mod offline;
mod poison;
mod reading;
mod repeats;
mod silence;
mod store;
