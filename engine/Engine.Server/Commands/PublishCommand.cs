using System.CommandLine;

namespace Engine.Server.Commands;

/// <summary>publish: a finished batch result into a table of a data source.</summary>
internal static class PublishCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("result") { Description = "A .csv or .parquet file that batch wrote." };
        var target = new TableOptions(required: true);
        var json = JsonOutput.Option();
        var command = new Command(
            "publish",
            "Write a batch result to a table. Rows are swapped in atomically and replace that task's earlier rows.")
        {
            file, target.Source, target.Table, target.Task, target.Streams, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var asked = parsed.GetValue(json);
            var rows = target.Publish(
                parsed, parsed.GetRequiredValue(file), asked ? Console.Error : Console.Out, cancellation);
            if (asked)
            {
                var (table, task) = (parsed.GetRequiredValue(target.Table), parsed.GetRequiredValue(target.Task));
                Console.WriteLine(Snapshots.JsonText.Of(new { Table = table, TaskId = task, Rows = rows }));
            }

            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }
}
