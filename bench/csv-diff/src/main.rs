//! Compares two CSV files by their first column, and says how many rows were added, modified and deleted.
use csv_diff::{csv::Csv, csv_diff::CsvByteDiffLocal, diff_row::DiffByteRecord};
use std::{env, error::Error, fs::File};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = env::args().skip(1).collect();
    let open = |index: usize| File::open(&paths[index]).map(Csv::with_reader_seek);
    let (mut added, mut modified, mut deleted) = (0, 0, 0);
    for row in CsvByteDiffLocal::new()?.diff(open(0)?, open(1)?)?.iter() {
        match row {
            DiffByteRecord::Add(_) => added += 1,
            DiffByteRecord::Modify { .. } => modified += 1,
            DiffByteRecord::Delete(_) => deleted += 1,
        }
    }
    println!("{{\"inserted\":{added},\"updated\":{modified},\"deleted\":{deleted}}}");
    Ok(())
}
