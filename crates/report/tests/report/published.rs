//! Published filled-in figures, held against the formulas: which denominator gives which percentage.

use report::Share;
use report::ii06a::Filled;

/// Source, part, whole, published percentage in hundredths.
type Row = (&'static str, u64, u64, u64);

#[test]
fn published_rates_come_out_of_the_denominator_that_they_were_made_with() {
    let table: [Row; 10] = [
        // Lâm Đồng, Q1/2024: on time of resolved; the columns close. baolamdong.vn/xa-hoi/202404
        ("Lâm Đồng, of resolved", 148_761, 151_295, 9_833),
        ("Lâm Đồng, late of resolved", 2_534, 151_295, 167),
        // Châu Thành (Kiên Giang), H1/2017: chauthanh.kiengiang.gov.vn/trang/TinTuc/23/1025
        ("Châu Thành, of received = resolved", 19_723, 19_914, 9_904),
        ("Châu Thành, late", 191, 19_914, 96),
        // Vĩnh Phúc, 8/2021: of dossiers that fell due. vinhphuc.gov.vn, ThongBao 3105
        ("Vĩnh Phúc, of due", 19_255, 19_944, 9_655),
        ("Vĩnh Phúc, late of due", 689, 19_944, 345),
        // Đà Lạt, 2023: of received. baolamdong.vn/xa-hoi/202312
        ("Đà Lạt, of received", 87_253, 87_582, 9_962),
        // Quận 1, 2018: resolved of received, so that open ones lower it. thanhnien.vn, 1052762
        ("Quận 1, resolved of received", 585_116, 585_336, 9_996),
        // Phú Thọ, Q3/2026: QĐ 766, open in time counted in. dichvucong.gov.vn dvc-progress-tree
        ("Phú Thọ, QĐ 766", 403_016, 464_494, 8_676),
        // Sở KHCN Vĩnh Phúc, 2018: sokhcn.vinhphuc.gov.vn, ItemID 3110
        ("Sở KHCN, of resolved", 121, 125, 9_680),
    ];
    for (what, part, whole, published) in table {
        assert_eq!(
            Share::of(part, whole).hundredths(),
            Some(published),
            "{what}"
        );
    }
}

/// What was published of a form, the percentage printed beside it, and the denominator that gives it.
#[test]
fn a_published_form_names_the_denominator_of_its_percentage() {
    let table = [
        // baolamdong.vn/xa-hoi/202404, Q1/2024: the columns close.
        (
            "received,resolved,8+9,late,open,in_time,overdue\n159845,151295,148761,2534,8550,7815,735",
            "(8 + 9) / 7",
            "98,33 %",
        ),
        // sokhdt.vinhphuc.gov.vn, ItemID 301, 2019: what was resolved is only told in its parts.
        (
            "received,8+9,late\n37682,33257,635",
            "(8 + 9) / 7",
            "98,13 %",
        ),
        // vinhphuc.gov.vn, ThongBao 3158, 9/2021.
        ("8+9,late\n4157,12", "(8 + 9) / 7", "99,71 %"),
        // sggp.org.vn, post817785, Phú Giáo, Q3/2025: only what was late was told.
        (
            "received,resolved,late\n13188,12970,102",
            "(8 + 9) / 7",
            "99,21 %",
        ),
        // baolamdong.vn/xa-hoi/202312, Đà Lạt, 2023: of received.
        ("received,8+9\n87582,87253", "(8 + 9) / 3", "99,62 %"),
        // dichvucong.gov.vn, dvc-progress-tree, Phú Thọ, Q3/2026: both in one number, open in time
        // counted in, so that column 12 adds nothing.
        (
            "received,8+9,in_time\n464494,403016,0",
            "(8 + 9 + 12) / 3",
            "86,76 %",
        ),
        // sokhcn.vinhphuc.gov.vn, ItemID 3110, 2018: 96,8 % of resolved; the 5,47 % late of the same
        // row are of what fell due, and leave 94,53 %.
        ("7,8,9,10,13\n125,100,21,4,3", "(8 + 9) / 7", "96,80 %"),
        (
            "7,8,9,10,13\n125,100,21,4,3",
            "(8 + 9) / (7 + 13)",
            "94,53 %",
        ),
        // thanhnien.vn, 1052762, Quận 1, 2018: what is still open lowers it.
        ("3,7\n585336,585116", "7 / 3", "99,96 %"),
        // baodongkhoi.vn, a86932, Bến Tre, 5/2021.
        ("3,7\n5650,4561", "7 / 3", "80,73 %"),
        // news.laodong.vn, 1585235, Hà Nội, 2025: 212,790 handed in and 1,278 by post.
        ("4,5\n317199,214068", "4 / (4 + 5)", "59,71 %"),
    ];
    for (form, denominator, published) in table {
        let filled = Filled::read(form).unwrap();
        let rates = filled.rows[0].rates();
        let (_, share) = rates
            .iter()
            .find(|(name, _)| name.split(':').next() == Some(denominator))
            .unwrap_or_else(|| panic!("{form}: {rates:?}"));
        assert_eq!(share.written(), published, "{form}");
    }
}

/// Lâm Đồng, Q1/2020 (baolamdong.vn/doi-song/202003): 635,593 and 7,677 are not 643,272.
#[test]
fn two_columns_in_one_number_are_held_to_the_identity() {
    let filled = Filled::read("7,8+9,10\n643272,635593,7677").unwrap();
    let broken: Vec<String> = filled
        .check()
        .iter()
        .filter(|checked| checked.is_broken())
        .map(ToString::to_string)
        .collect();
    assert_eq!(broken.len(), 1);
    assert!(
        broken[0].contains("7 = 8 + 9 + 10 SAI: 643272 khác 643270, lệch 2"),
        "{broken:?}"
    );
}

#[test]
fn one_row_was_published_with_two_denominators() {
    // Sở KHCN Vĩnh Phúc, 2018: late 5,47 % is of resolved and open overdue, on time 96,8 % of resolved
    // alone; together they are more than 100 %.
    assert_eq!(Share::of(4 + 3, 125 + 3).hundredths(), Some(547));
    assert_ne!(Share::of(4, 125).hundredths(), Some(547));
}

#[test]
fn qd766_points_come_out_linear() {
    // 2.1, 20 points (dichvucong.gov.vn): Đồng Nai 2026 to 10/10, 540748 of 670009 is 80,71 %.
    let dong_nai = Share::of(540_748, 670_009);
    assert_eq!(
        (dong_nai.hundredths(), dong_nai.points(20, 100)),
        (Some(8_071), Some(1_614))
    );
    // 5.4, 6 points, full at 90 %: Đồng Tháp 358522 of 405424 is 88,43 %, published 5,9.
    assert_eq!(Share::of(358_522, 405_424).points(6, 90), Some(590));
    // Full marks beyond the threshold, and no more.
    assert_eq!(Share::of(95, 100).points(6, 90), Some(600));
}
