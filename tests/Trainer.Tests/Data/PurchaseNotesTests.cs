using Trainer.Data.Reading;
using Trainer.Data.Rows;

namespace Trainer.Tests.Data;

public class PurchaseNotesTests
{
    [Fact]
    public void Notes_come_back_as_they_were_added_and_leave_no_file()
    {
        (TimeSpan Time, long Count, string Order)[] added =
        [
            (TimeSpan.Zero, 1, ""),
            (new TimeSpan(23, 59, 59), BehaviorLog.MaxCount, "A-17"),
            (new TimeSpan(23, 59, 59) + TimeSpan.FromTicks(9_999_999), BehaviorLog.MaxCount + 1, "A-17"),
            (TimeSpan.FromMicroseconds(1), int.MaxValue, "Ä 18"),
            (new TimeSpan(12, 0, 0), 2, ""),
        ];
        using var notes = new PurchaseNotes();
        foreach (var (time, count, order) in added)
        {
            notes.Add(time, count, order);
        }

        Assert.Equal(
            added.Select(note => (
                note.Time,
                note.Count > BehaviorLog.MaxCount ? note.Count : (long?)null,
                note.Order.Length == 0 ? null : note.Order)),
            notes.Read());
        Assert.False(File.Exists(notes.Name));
    }
}
