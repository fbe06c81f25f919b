//! The quarter left alone: the table, the two checks, and no word of a person in any file.

use std::fs;
use std::path::Path;

use calendar::Calendar;
use catalogue::{Catalogue, Level};
use tokio::sync::OnceCell;
use workload::{QuarterSettings, Workload};

use crate::run::{DOSSIERS, Run, SEED, alive, deploy};

/// What a quarter came to.
pub struct Played {
    /// The exit status.
    pub code: Option<i32>,
    /// Everything printed.
    pub said: String,
    /// Everything said of itself.
    pub errors: String,
    /// Processes that outlived it.
    left: usize,
    /// Journals that hold a reception in the clear, as they should.
    journals: usize,
    /// Files in which a person is named.
    naming_people: Vec<String>,
}

/// The quarter, played once for all tests.
pub async fn undisturbed() -> &'static Played {
    static PLAYED: OnceCell<Played> = OnceCell::const_new();
    PLAYED
        .get_or_init(async || {
            let mut run = Run::start();
            let status = run.ended().await;
            let words = words_about_people();
            let mut journals = 0;
            let mut naming_people = Vec::new();
            each_file(run.around(), &mut |path, text| {
                journals += usize::from(
                    path.ends_with("journal/db") && text.contains("vn.motcua.dossier.received"),
                );
                for word in words.iter().filter(|word| text.contains(word.as_str())) {
                    naming_people.push(format!("{}: {word}", path.display()));
                }
            });
            Played {
                code: status.code(),
                said: run.said(),
                errors: run.errors(),
                left: alive(run.around()).len(),
                journals,
                naming_people,
            }
        })
        .await
}

/// Words by which the invented people would give themselves away.
fn words_about_people() -> Vec<String> {
    let (registers, profile) = (deploy().join("registers"), deploy().join("chau-thanh"));
    let catalogue = Catalogue::load(&registers, &profile).unwrap();
    let settings = QuarterSettings::load(&profile).unwrap();
    let workload = Workload::new(
        SEED,
        &catalogue,
        Calendar::published(),
        &settings,
        Some(DOSSIERS),
    )
    .unwrap();
    // Every name and every address ends or begins with these.
    let mut words = vec!["giả định".to_owned(), "Ấp Giả Định".to_owned()];
    let mut people = Vec::new();
    for plan in workload.plans.iter().step_by(50) {
        people.push(&plan.applicant);
    }
    people.extend(
        workload
            .plans
            .iter()
            .filter_map(|plan| plan.delegate.as_ref())
            .take(5),
    );
    for person in people {
        assert!(person.name.ends_with("(giả định)"), "{}", person.name);
        words.push(person.name.clone());
        words.extend(person.id_number.clone());
        words.extend(person.phone.clone());
    }
    words
}

fn each_file(dir: &Path, look: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, look);
        } else {
            let bytes = fs::read(&path).unwrap();
            look(&path, &String::from_utf8_lossy(&bytes));
        }
    }
}

/// The table and what is said right under it, the digests and the time it took aside.
pub fn table(said: &str) -> Vec<&str> {
    let lines = said.lines().skip_while(|line| !line.contains("Tiếp nhận"));
    lines
        .take_while(|line| !line.starts_with("Dấu của trạng thái"))
        .filter(|line| !line.contains("việc đã được giải quyết trước"))
        .collect()
}

/// The numbers of a row, from the left; the rate stays away.
fn numbers(row: &str) -> Vec<u64> {
    let words: Vec<&str> = row.split_whitespace().collect();
    let numbers = words[words.len() - 10..words.len() - 1].iter();
    numbers.map(|word| word.parse().expect(row)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quarter_ends_with_a_table_that_two_counts_agree_on() {
    let Played {
        code,
        said,
        errors,
        left,
        ..
    } = undisturbed().await;
    assert_eq!(*code, Some(0), "{said}{errors}");
    assert_eq!(*left, 0);
    let ends = |line: &str| said.lines().any(|given| given == line);
    assert!(ends("Đối chiếu với sổ của người đóng vai: khớp"), "{said}");
    let digests = said.lines().find(|line| line.starts_with("Dấu của"));
    let digests: Vec<&str> = digests
        .unwrap()
        .split([' ', ','])
        .filter(|word| word.len() == 64)
        .collect();
    assert_eq!(digests.len(), 2, "{said}");
    assert_eq!(digests[0], digests[1]);
    let rate = said.lines().find(|line| line.starts_with("Tỷ lệ đúng hạn"));
    let measured = rate
        .and_then(|line| line.strip_prefix("Tỷ lệ đúng hạn cấp huyện: đo được "))
        .and_then(|line| line.strip_suffix(" %, đã công bố 99,58 %"))
        .unwrap_or_else(|| panic!("{rate:?}"));
    let measured: f64 = measured.replace(',', ".").parse().unwrap();
    assert!((90.0..=100.0).contains(&measured), "{measured}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_desk_has_its_row_and_the_rows_add_up() {
    let said = &undisturbed().await.said;
    let profile = deploy().join("chau-thanh");
    let catalogue = Catalogue::load(&deploy().join("registers"), &profile).unwrap();
    assert!(
        said.contains(&format!("{} đơn vị", catalogue.units().count())),
        "{said}"
    );
    let rows = table(said);
    let mut received = 0;
    for unit in catalogue.units() {
        let named = format!(" {} ({}) ", unit.name, unit.id);
        let row = rows.iter().find(|row| row.starts_with(&named));
        // An agency behind the desks receives from no citizen.
        assert_eq!(row.is_some(), unit.level != Level::Agency, "{named}");
        let Some(row) = row else { continue };
        let numbers = numbers(row);
        let [
            all,
            early,
            on_time,
            late,
            refused,
            ended,
            open,
            paused,
            overdue,
        ] = numbers[..]
        else {
            panic!("{row}");
        };
        assert_eq!(
            all,
            early + on_time + late + open + paused + overdue,
            "{row}"
        );
        assert!(refused + ended <= early + on_time + late, "{row}");
        assert!(all > 0, "{row}");
        received += all;
    }
    let total = rows.iter().find(|row| row.starts_with(" Tổng cộng "));
    assert_eq!(numbers(total.unwrap())[0], received);
    assert_eq!(received, u64::from(DOSSIERS));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_the_run_names_a_person() {
    let played = undisturbed().await;
    // What is not personal is in the clear, so the search does see what the files hold.
    assert_eq!(played.journals, 15);
    assert_eq!(played.naming_people, Vec::<String>::new());
}
