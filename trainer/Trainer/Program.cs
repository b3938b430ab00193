using System.CommandLine;
using System.CommandLine.Invocation;
using Engine;
using Engine.Snapshots;
using Engine.Tables.Rows;
using Spectre.Console;
using Trainer.Commands;

const int WrongUsage = 2;
var root = new RootCommand("Train recommendation snapshots from a behavior table and a product table.")
{
    GenerateCommand.Create(),
    InitCommand.Create(),
    SourceCommand.Create(),
    ExtractCommand.Create(),
    TrainCommand.Create(),
    ModelCommands.Status(),
    ModelCommands.Update(),
    ModelCommands.Unpublish(),
    PublishCommand.Create(),
    EvaluateCommand.Create(),
    ReportCommand.Create(),
    Output.Json,
};
// As every page calls it and the package installs it; the file is Trainer.
root.HelpName = "trainer";
NumberOptions.RefuseCommas(root);
if (Console.IsOutputRedirected)
{
    // A pipe has no width: no line, table or word may break.
    AnsiConsole.Profile.Width = 100_000;
}

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && JsonText.IsAsked(args))
{
    return JsonText.Fail(args, WrongUsage, string.Join(' ', parsed.Errors.Select(error => error.Message)));
}

try
{
    var code = await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = Interruption.Grace,
    });
    return parsed.Action is ParseErrorAction
        ? WrongUsage
        : Interruption.IsExitCode(code) ? Interruption.Report(parsed) : code;
}
catch (Exception e) when (e is InputException or TableException || MachineFault.Of(e) is not null)
{
    return JsonText.Fail(args, 1, MachineFault.Sentence(e));
}
catch (OperationCanceledException)
{
    return Interruption.Report(parsed);
}
