//! What a server tells of itself: metrics, and what each database server is good for.

use serde_json::Value;

use super::shop::Shop;
use super::until::until;

impl Shop {
    /// The sum of the samples of a metric whose labels include all that are given, such as `("host", "127.0.0.1:5432")`. All servers of
    /// the tests count together.
    pub async fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let text = self.http().get(self.url("/metrics")).send().await.unwrap().text().await.unwrap();
        sum(&text, name, labels)
    }

    /// Waits until the first server is the primary and every other one is read. At the start they may lack what others have just
    /// written on the same server.
    pub async fn until_in_use(&self) {
        let in_use = |(index, status): (usize, &String)| status == if index == 0 { "primary" } else { "replica" };
        until("every server is in use", async || self.statuses().await.iter().enumerate().all(in_use)).await;
    }

    /// The status of each database server, in the order of the settings.
    pub async fn statuses(&self) -> Vec<String> {
        let text = self.http().get(self.url("/readyz")).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        let servers = answer["servers"].as_array().unwrap();
        servers.iter().map(|server| server["status"].as_str().unwrap().to_owned()).collect()
    }
}

/// The sum of the samples of a metric whose labels include all that are given; zero when there is none.
pub fn sum(metrics: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
    let samples = metrics.lines().filter_map(|line| line.rsplit_once(' '));
    let matching = samples.filter(|(series, _)| {
        series.split('{').next() == Some(name) && labels.iter().all(|label| series.contains(label))
    });
    matching.map(|(_, value)| value.parse::<f64>().unwrap()).sum()
}
