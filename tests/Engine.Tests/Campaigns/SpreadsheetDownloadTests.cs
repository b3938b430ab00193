using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Snapshots.Writing;
using Engine.Tables;
using Tests.Shared;

namespace Engine.Tests.Campaigns;

/// <summary>Downloads hold texts of people whom nobody knows, and are opened in spreadsheets.</summary>
public sealed class SpreadsheetDownloadTests
{
    private const string Formula = "=HYPERLINK(\"http://x\",\"a\nb\")";

    private static readonly SnapshotContent Content = RandomSnapshot.Content(seed: 3) with
    {
        ProductNames = [.. Enumerable.Range(0, 30).Select(place => $"{Formula}{place}")],
    };

    [Theory]
    [InlineData(FileFormat.Csv, "item_name", "'" + Formula)]
    [InlineData(FileFormat.SkippedCsv, "id", "'@SUM(1+1)")]
    public void No_cell_of_a_download_is_computed(FileFormat format, string column, string start)
    {
        using var task = new FinishedTask(Content, new CreateTaskRequest
        {
            TopK = 3,
            PoolProductIds = { "P1", "P2", "@SUM(1+1)" },
        });
        using var folder = new TemporaryFolder();
        var path = folder.File("download.csv");
        using (var file = File.Create(path))
        {
            foreach (var chunk in TaskResults.Download(task.Store, task.Id, format, heldOut: false))
            {
                file.Write(chunk.Span);
            }
        }

        using var table = TableFile.Open(path);
        var place = table.Columns.ToList().IndexOf(column);
        var rows = 0;
        for (; table.Read(); rows++)
        {
            Assert.StartsWith(start, table.Text(place).ToString(), StringComparison.Ordinal);
        }

        Assert.NotEqual(0, rows);
    }
}
