//! Published filled-in figures, held against the formulas: which denominator gives which percentage.

use report::Share;

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
