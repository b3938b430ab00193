using System.CommandLine;
using Engine;
using Engine.Tables.Rows;
using Trainer.Commands;

var root = new RootCommand("Trains recommendation snapshots from a behavior table and a product table.")
{
    GenerateCommand.Create(),
    InitCommand.Create(),
    SourceCommand.Create(),
    ExtractCommand.Create(),
    TrainCommand.Create(),
    ModelCommands.Status(),
    ModelCommands.Update(),
    ModelCommands.Unpublish(),
    EvaluateCommand.Create(),
    ReportCommand.Create(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is InputException or TableException)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    // What a shell says of a program that was interrupted: 128 + SIGINT.
    await Console.Error.WriteLineAsync("stopped before the end");
    return 128 + 2;
}
